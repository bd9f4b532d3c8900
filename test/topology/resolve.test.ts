import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { listTopologies, resolveTopology } from '../../src/topology/resolve.ts';

let folder: string;
let folders: { cwd: string; packageRoot: string };

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'topologies-'));
  folders = { cwd: join(folder, 'mine'), packageRoot: join(folder, 'package') };
  for (const file of ['mine/topologies/flat.yaml', 'mine/topologies/own.yml', 'mine/odd.txt'])
    await place(file);
  for (const file of ['flat.yaml', 'vlan.yaml', 'topology.schema.json'])
    await place(`package/topologies/${file}`);
});

afterAll(() => rm(folder, { recursive: true }));

async function place(file: string): Promise<void> {
  await mkdir(join(folder, file, '..'), { recursive: true });
  await writeFile(join(folder, file), '');
}

test("the user's topologies come before the package's", async () => {
  expect(await listTopologies(folders)).toEqual([
    { name: 'flat', file: join(folder, 'mine/topologies/flat.yaml') },
    { name: 'own', file: join(folder, 'mine/topologies/own.yml') },
    { name: 'vlan', file: join(folder, 'package/topologies/vlan.yaml') },
  ]);
  expect(await resolveTopology('flat', folders)).toEqual({
    name: 'flat',
    file: join(folder, 'mine/topologies/flat.yaml'),
  });
});

test('a path is taken as it is, from the working folder', async () => {
  expect(await resolveTopology('topologies/own.yml', folders)).toEqual({
    name: 'own',
    file: join(folder, 'mine/topologies/own.yml'),
  });
  expect(await resolveTopology(join(folder, 'mine/odd.txt'), folders)).toMatchObject({ name: 'odd.txt' });
});

test.each([
  ['vlam', /no topology "vlam"; there are flat, own, vlan; did you mean "vlan"\?$/],
  ['nowhere', /no topology "nowhere"; there are flat, own, vlan$/],
  ['vlan.yaml', /no topology file vlan\.yaml \(looked for .*\/mine\/vlan\.yaml\)$/],
  ['', /no topology ""/],
])('there is no topology %j, and the error lists those there are', async (name, message) => {
  await expect(resolveTopology(name, folders)).rejects.toMatchObject({
    code: 'usage',
    message: expect.stringMatching(message),
  });
});

test('where there are no topologies at all, the error says so', async () => {
  const nowhere = { cwd: join(folder, 'none'), packageRoot: join(folder, 'neither') };
  await expect(resolveTopology('flat', nowhere)).rejects.toThrow('there are (none)');
});

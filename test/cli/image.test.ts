import { cpSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { StoredImage } from '../../src/ironic/images/store.ts';
import { builtImages } from '../ironic/images/built.ts';
import { LabCommand } from '../lab-command.ts';

const lab = new LabCommand();
let os: StoredImage;

beforeAll(async () => {
  ({ os } = await builtImages());
}, 300_000);

afterAll(() => lab.end());

test('images are added, listed, shown and removed', async () => {
  expect((await lab.run(['image', 'list'])).stdout).toBe('no images yet: `lab image build` makes them\n');
  const own = join(lab.home, 'own.qcow2');
  cpSync(join(os.folder, 'disk.qcow2'), own);
  const added = await lab.json<{ image: StoredImage }>(['image', 'add', own]);
  expect(added.image).toMatchObject({ kind: 'user', name: 'own' });
  const listed = await lab.run(['image', 'list']);
  expect(listed.stdout).toMatch(/^IMAGE .*\nown +[0-9a-f]{16} .* disk\.qcow2 26\.\d MB\n$/);
  const shown = await lab.run(['image', 'show', added.image.id.slice(0, 5)]);
  expect(shown.stdout).toContain(`sha256 ${added.image.files[0]?.sha256}`);
  expect(await lab.json(['image', 'rm', 'own'])).toMatchObject({ removed: [`own (${added.image.id})`] });
  expect(await lab.json(['image', 'list'])).toMatchObject({ schema: 'lab/image-list/1', images: [] });
});

test('what is wrong is told, with exit code 2', async () => {
  for (const [args, said] of [
    [['image', 'show', 'nothing'], 'there is no image nothing; there are: none yet'],
    [['image', 'rm'], 'say which images'],
    [['image', 'add', '/etc/passwd'], '/etc/passwd holds no partition table'],
    [['image', 'build', '--kernel', 'busybox-static'], 'does not name a kernel'],
  ] as const) {
    const { exitCode, stderr } = await lab.run(args);
    expect(stderr).toContain(said);
    expect(exitCode).toBe(2);
  }
});

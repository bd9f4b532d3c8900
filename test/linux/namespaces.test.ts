import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { createHost, runIn } from '../../src/linux/host.ts';
import { endHosts } from '../../src/linux/host-processes.ts';
import { ipBatch } from '../../src/linux/ip-batch.ts';
import { addQuietNamespaces } from '../../src/linux/namespaces.ts';

test('interfaces in quiet namespaces, and in a host, come up without a word', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'namespaces-'));
  onTestFinished(async () => {
    await endHosts(folder);
    rmSync(folder, { recursive: true });
  });
  const host = await createHost({ name: 'quiet', folder });
  await addQuietNamespaces(host, ['one', 'two']);
  await ipBatch(host, ['netns add loud']);
  const names = ['one', 'two', 'loud'];
  for (const name of names) {
    await ipBatch(host, [
      `link add eth0 netns ${name} up type veth peer name ${name}`,
      `link set ${name} up`,
    ]);
  }
  const addresses = async (namespace?: string) =>
    (
      await runIn(
        host,
        ['ip', '-6', '-o', 'address', 'show', 'scope', 'link'],
        namespace ? { namespace } : {},
      )
    ).stdout;
  expect(await addresses('one')).toBe('');
  expect(await addresses('two')).toBe('');
  expect(await addresses('loud')).toContain('fe80::');
  expect(await addresses()).toBe('');
});

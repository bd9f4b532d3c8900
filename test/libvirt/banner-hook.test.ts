import { appendFileSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { bannerHook } from '../../src/libvirt/banner-hook.ts';
import { consoleLog } from '../../src/libvirt/domain-xml.ts';
import { createHost, type Host, runIn, seenFromOutside } from '../../src/linux/host.ts';
import { endHosts } from '../../src/linux/host-processes.ts';
import { waitFor } from '../../src/wait.ts';

const folder = mkdtempSync(join(tmpdir(), 'banner-hook-'));
let host: Host;

beforeAll(async () => {
  writeFileSync(join(folder, 'hook'), bannerHook, { mode: 0o755 });
  // What the hook asks of libvirt is written down instead.
  writeFileSync(join(folder, 'virsh'), '#!/bin/sh\necho "$*" >>/run/lab/asked\n', { mode: 0o755 });
  host = await createHost({ name: 'hooked', folder });
});

afterAll(async () => {
  await endHosts(folder);
  rmSync(folder, { recursive: true, force: true });
});

function hook(operation: string) {
  return runIn(host, ['env', 'PATH=/run/lab:/usr/bin:/bin', '/run/lab/hook', 'node-1', operation, 'begin']);
}

function asked(): string[] {
  const file = join(folder, 'asked');
  return existsSync(file) ? readFileSync(file, 'utf8').trim().split('\n') : [];
}

test('Enter is pressed when iPXE is about to wait for a key, until the domain has ended', async () => {
  const log = seenFromOutside(host, consoleLog('node-1'));
  const pidFile = seenFromOutside(host, '/run/libvirt/banner-node-1.pid');
  writeFileSync(log, 'Features: of an earlier boot\n');
  await hook('prepare');
  expect(existsSync(pidFile)).toBe(false);
  await hook('started');
  await waitFor(
    'keys',
    () => {
      // Said again until it is heard: the log is followed from the moment that it is opened.
      appendFileSync(log, 'iPXE 1.0.0\n\u001b[0mFeatures: DNS HTTP\n');
      return asked().length >= 2 || undefined;
    },
    { timeoutMs: 20_000, longestPauseMs: 500, lastSeen: () => asked().join() },
  );
  expect(new Set(asked())).toEqual(new Set(['--connect qemu:///system send-key node-1 KEY_ENTER']));
  const group = readFileSync(pidFile, 'utf8').trim();
  const members = async () =>
    (await runIn(host, ['ps', '-o', 'pid=', '-g', group], { accept: [0, 1] })).stdout;
  expect(await members()).not.toBe('');
  await hook('release');
  expect(existsSync(pidFile)).toBe(false);
  await waitFor('the watch to end', async () => ((await members()) === '' ? true : undefined), {
    timeoutMs: 10_000,
  });
});

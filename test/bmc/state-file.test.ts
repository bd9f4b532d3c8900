import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { connectIpmi } from '../../src/bmc/client.ts';
import { readLog } from '../../src/bmc/client-inventory.ts';
import { readBoot, setBoot, setPower } from '../../src/bmc/client-power.ts';
import { InMemoryChassis } from '../../src/bmc/in-memory-chassis.ts';
import { serveBmc } from '../../src/bmc/server.ts';
import { stateFile } from '../../src/bmc/state-file.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'bmc-state-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

const log: string[] = [];

function serve(file: string, chassis = new InMemoryChassis()) {
  return serveBmc({
    ...{ name: 'stored', address: '127.0.0.1', port: 0, user: 'admin', password: 'first secret', chassis },
    store: stateFile(join(folder, file)),
    log: (line) => log.push(line),
  });
}

function admin(port: number, password = 'first secret') {
  return connectIpmi({ address: '127.0.0.1', port, user: 'admin', password });
}

describe('a BMC that starts again', () => {
  test('knows its users, settings, boot device, log and hours', async () => {
    const chassis = new InMemoryChassis();
    const first = await serve('state.json', chassis);
    const before = await admin(first.port);
    await setPower(before, 'on', 1_000);
    await setBoot(before, { device: 'pxe', efi: false }, true);
    await before.request(0x00, 0x06, [2]);
    await before.request(0x0c, 0x01, [1, 12, 192, 0, 2, 1]);
    const password = Buffer.concat([Buffer.from('second secret')], 16);
    await before.request(0x06, 0x47, [2, 2, ...password]);
    await before.close();
    await first.close();

    const second = await serve('state.json', chassis);
    await expect(admin(second.port)).rejects.toThrow('password');
    const after = await admin(second.port, 'second secret');
    expect(await readBoot(after)).toMatchObject({ valid: true, persistent: true, target: { device: 'pxe' } });
    expect((await after.request(0x00, 0x01)).readUInt8(0) >> 5).toBe(2);
    expect((await after.request(0x0c, 0x02, [1, 12, 0, 0])).toString('hex')).toBe('11c0000201');
    expect((await readLog(after)).map(({ event }) => event)).toEqual([
      'on',
      'started by power up',
      'log-in refused',
    ]);
    await after.close();
    await second.close();
  });

  test('has stored every change that it has acknowledged', async () => {
    const served = await serve('acknowledged.json');
    const client = await admin(served.port);
    const file = join(folder, 'acknowledged.json');
    for (const policy of [1, 2, 0, 1]) {
      await client.request(0x00, 0x06, [policy]);
      const stored = JSON.parse(readFileSync(file, 'utf8')) as { power: { restorePolicy: number } };
      expect(stored.power.restorePolicy).toBe(policy);
    }
    await client.close();
    await served.close();
  });
});

describe('the state file', () => {
  test('is its owner’s alone', async () => {
    const served = await serve('private.json');
    await served.close();
    expect(statSync(join(folder, 'private.json')).mode & 0o777).toBe(0o600);
  });

  test('that is damaged is refused without a word of what is in it', async () => {
    const file = join(folder, 'damaged.json');
    for (const text of ['{"password": "hush', '{"version":1,"users":[{"password":"hush"}]}', '']) {
      writeFileSync(file, text);
      const refusal = await serve('damaged.json').catch((error: unknown) => String(error));
      expect(refusal).toContain('is not a BMC state file, or is damaged');
      expect(refusal).not.toContain('hush');
    }
  });
});

test('nothing that was logged holds a password', () => {
  expect(log.length).toBeGreaterThan(4);
  const hex = Buffer.from('first secret').toString('hex');
  expect(log.join('\n')).not.toMatch(new RegExp(`first secret|second secret|${hex}`));
});

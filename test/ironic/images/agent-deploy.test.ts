import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { exchangeJson } from '../../../src/ipa/agent/http.ts';
import { configDrive } from '../../../src/ironic/images/config-drive.ts';
import type { StoredImage } from '../../../src/ironic/images/store.ts';
import { run } from '../../../src/linux/process.ts';
import { waitFor } from '../../../src/wait.ts';
import { temporaryFolder } from '../../ipa/agent/fixtures.ts';
import { serveImages } from '../../ipa/agent/image-server.ts';
import { listenAsIronic } from '../../ipa/agent/ironic-side.ts';
import { builtImages } from './built.ts';
import { VirtualMachine } from './virtual-machine.ts';

let deploy: StoredImage;
let os: StoredImage;

beforeAll(async () => {
  ({ deploy, os } = await builtImages());
}, 300_000);

const uuid = '7b1f2f5c-0a57-4c3e-9a52-222222222222';
const portOf = (url: string) => Number(new URL(url).port);

test('the agent in the ramdisk puts the system on the disk, which boots from there to its login, and SSH leads in', async () => {
  const folder = temporaryFolder();
  const disk = { file: join(folder, 'disk'), format: 'raw' } as const;
  await run(['truncate', '-s', '1G', disk.file]);
  const ironic = await listenAsIronic(({ path }) =>
    path.startsWith('/v1/lookup')
      ? [200, { node: { uuid, properties: {} }, config: { heartbeat_timeout: 300, agent_token: 'token' } }]
      : [202],
  );
  const images = await serveImages(os.folder);
  const machine = await VirtualMachine.powerOn({
    direct: {
      kernel: join(deploy.folder, 'kernel'),
      ramdisk: join(deploy.folder, 'ramdisk'),
      arguments: 'ipa-api-url=http://10.0.2.100:6385',
    },
    disk,
    servers: { 6385: portOf(ironic.url), 80: portOf(images.url) },
    ports: [9999],
  });
  await machine.shows('lab-ramdisk: Linux');
  await machine.shows('lab-agent: listening on');
  expect(ironic.asked[0]?.path).toBe('/v1/lookup?addresses=52:54:00:12:34:56');
  await ironic.until('heartbeat', 1);

  const key = join(folder, 'key');
  await run(['ssh-keygen', '-q', '-t', 'ed25519', '-N', '', '-f', key]);
  const publicKeys = { test: readFileSync(`${key}.pub`, 'utf8').trim() };
  const image = {
    id: 'lab-os',
    urls: ['http://10.0.2.100/disk.qcow2'],
    disk_format: 'qcow2',
    os_hash_algo: 'sha256',
    os_hash_value: os.files.find(({ name }) => name === 'disk.qcow2')?.sha256 ?? '',
  };
  const drive = configDrive({ uuid, hostname: 'server-1', publicKeys, adminPassword: 'pass word' });
  const order = (name: string, params: object, wait: boolean) =>
    exchangeJson(`http://127.0.0.1:${machine.port(9999)}/v1/commands/?wait=${wait}&agent_token=token`, {
      method: 'POST',
      body: JSON.parse(JSON.stringify({ name, params })),
      idleMs: 60_000,
    }).catch((error: unknown) => {
      throw new Error(`${name}: ${String(error)}; console: ${machine.console.slice(-2000)}`);
    });
  const step = { interface: 'deploy', step: 'write_image', args: { image_info: image, configdrive: drive } };
  const written = await order('deploy.execute_deploy_step', { step, node: { uuid }, ports: [] }, true);
  expect(written.body).toMatchObject({ command_status: 'SUCCEEDED' });
  const logs = await order('log.collect_system_logs', {}, true);
  expect(JSON.stringify(logs.body)).toMatch(/"system_logs":"H4sI/);
  await order('standby.power_off', {}, false);
  await machine.off();

  const expected = join(folder, 'expected');
  await run(['qemu-img', 'convert', '-O', 'raw', join(os.folder, 'disk.qcow2'), expected]);
  // The config drive's entry in the partition table, and nothing else, has changed.
  const [is, was] = [readFileSync(disk.file), readFileSync(expected)];
  was.copy(is, 478, 478, 494);
  expect(is.subarray(0, was.length).equals(was)).toBe(true);

  const booted = await VirtualMachine.powerOn({ disk, ports: [22] });
  await booted.shows('server-1 login:');
  booted.type('lab');
  await booted.shows('Password:');
  booted.type('pass word');
  await booted.shows('~ $');
  booted.type('head -n 1 /proc/mounts; mount | grep " / "; id -un');
  await booted.shows(/vda2 on \/ type ext4[\s\S]*\nlab\n/);
  const ssh = ['-o', 'StrictHostKeyChecking=no', '-o', 'UserKnownHostsFile=/dev/null', '-i', key];
  const stdout = await waitFor(
    'a login by SSH',
    async () => {
      const said = await run(
        ['ssh', ...ssh, '-p', String(booted.port(22)), 'lab@127.0.0.1', 'hostname; id -un'],
        {
          accept: [0, 255],
        },
      );
      return said.exitCode === 0 ? said.stdout : undefined;
    },
    { timeoutMs: 30_000 },
  );
  expect(stdout).toBe('server-1\nlab\n');
}, 120_000);

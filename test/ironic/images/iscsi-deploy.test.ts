import { readFileSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import type { StoredImage } from '../../../src/ironic/images/store.ts';
import { run } from '../../../src/linux/process.ts';
import { noise, temporaryFolder } from '../../ipa/agent/fixtures.ts';
import { listenAsIronic } from '../../ipa/agent/ironic-side.ts';
import { builtImages } from './built.ts';
import { VirtualMachine } from './virtual-machine.ts';

let deploy: StoredImage;
let os: StoredImage;

beforeAll(async () => {
  ({ deploy, os } = await builtImages());
}, 300_000);

const uuid = '7b1f2f5c-0a57-4c3e-9a52-333333333333';
const iqn = `iqn.2008-10.org.openstack:${uuid}`;

test("Juno's ramdisk exports its disk by iSCSI, tells so with its token, and reboots when it hears done", async () => {
  const folder = temporaryFolder();
  const disk = { file: join(folder, 'disk'), format: 'raw' } as const;
  await run(['truncate', '-s', '64M', disk.file]);
  writeFileSync(join(folder, `token-${uuid}`), 'the-token');
  // At first the node is locked.
  const ironic = await listenAsIronic((_, count) => (count === 1 ? [409, { faultstring: 'locked' }] : [202]));
  const machine = await VirtualMachine.powerOn({
    direct: {
      kernel: join(deploy.folder, 'kernel'),
      ramdisk: join(deploy.folder, 'ramdisk-iscsi'),
      arguments:
        `disk=cciss/c0d0,sda,hda,vda iscsi_target_iqn=${iqn} deployment_id=${uuid} ` +
        'deployment_key=ABCDEFGHIJKLMNOPQRSTUVWXYZ012345 ironic_api_url=http://10.0.2.100:6385 ' +
        'troubleshoot=0 BOOTIF=01-52-54-00-12-34-56',
    },
    disk,
    servers: { 6385: Number(new URL(ironic.url).port) },
    ports: [3260, 10000],
    tftpFolder: folder,
  });
  await machine.shows('waiting for done on port 10000');
  expect(ironic.asked).toHaveLength(2);
  expect(ironic.asked[1]).toMatchObject({
    method: 'POST',
    path: `/v1/nodes/${uuid}/vendor_passthru/pass_deploy_info`,
    token: 'the-token',
    body: { address: '10.0.2.15', key: 'ABCDEFGHIJKLMNOPQRSTUVWXYZ012345', iqn, error: '' },
  });
  const image = join(folder, 'image');
  writeFileSync(image, noise(8 * 2 ** 20));
  const target = `iscsi://127.0.0.1:${machine.port(3260)}/${iqn}/1`;
  await run(['qemu-img', 'convert', '-n', '-f', 'raw', '-O', 'raw', image, target], { timeoutMs: 60_000 });
  const socket = connect(machine.port(10000), '127.0.0.1', () => socket.end('done'));
  await machine.off();
  expect(machine.console).toContain('done, rebooting');
  const bytes = readFileSync(disk.file);
  expect(bytes.subarray(0, 8 * 2 ** 20).equals(readFileSync(image))).toBe(true);
}, 90_000);

test('the system boots from a partition, its kernel and ramdisk from elsewhere', async () => {
  const folder = temporaryFolder();
  const disk = { file: join(folder, 'disk'), format: 'raw' } as const;
  await run(['truncate', '-s', '128M', disk.file]);
  await run(['/sbin/sfdisk', '--quiet', disk.file], { input: 'label: dos\nstart=2048\n' });
  const root = join(os.folder, 'root.ext4');
  await run(['dd', 'bs=1M', 'seek=1', 'conv=notrunc,sparse', `if=${root}`, `of=${disk.file}`]);
  const machine = await VirtualMachine.powerOn({
    direct: {
      kernel: join(os.folder, 'kernel'),
      ramdisk: join(os.folder, 'ramdisk'),
      arguments: `root=UUID=${os.facts.rootUuid} ro`,
    },
    disk,
  });
  await machine.shows('lab-os login:');
  machine.type('lab');
  await machine.shows('Password:');
  machine.type('lab');
  await machine.shows('~ $');
  machine.type('mount | grep " / "; busybox reboot -f || echo only root may');
  await machine.shows(/vda1 on \/ type ext4 \(rw[\s\S]*only root may/);
}, 90_000);

test('a rescue is a login as root on the console, whose disk is left alone', async () => {
  const folder = temporaryFolder();
  const disk = { file: join(folder, 'disk'), format: 'raw' } as const;
  writeFileSync(disk.file, noise(2 ** 20));
  const machine = await VirtualMachine.powerOn({
    direct: {
      kernel: join(deploy.folder, 'kernel'),
      ramdisk: join(deploy.folder, 'ramdisk-iscsi'),
      arguments: 'rescue=1',
    },
    disk,
  });
  await machine.shows('rescue: a login as root');
  await machine.shows('~ #');
  machine.type('until [ -b /dev/vda ]; do :; done; sha256sum /dev/vda; poweroff -f');
  const { stdout } = await run(['sha256sum', disk.file]);
  await machine.shows(stdout.slice(0, 64));
  await machine.off();
}, 90_000);

import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { parseDhcpLog, parseTftpLog } from '../../src/ironic/conductor/boot-watch.ts';
import { ext4Uuid, firstPartitionBytes, partitionTable } from '../../src/ironic/deploy/partitions.ts';
import { ipxeScript, pxelinuxConfig } from '../../src/ironic/pxe/templates.ts';

const uuid = 'fd916f98-b8d9-5486-80e7-2fd993d7d009';
const deploy = { kernel: 'deploy_kernel', ramdisk: 'deploy_ramdisk', arguments: 'console=ttyS0' };
const boot = { kernel: 'kernel', ramdisk: 'ramdisk', arguments: 'root=UUID=1' };

function folder(): string {
  const made = mkdtempSync(join(tmpdir(), 'lab-disk-'));
  onTestFinished(() => rmSync(made, { recursive: true, force: true }));
  return made;
}

test('PXELINUX boots the ramdisk first and the instance when that is written', () => {
  expect(pxelinuxConfig({ uuid, default: 'deploy', deploy, boot: undefined })).toBe(
    `default deploy\n\nlabel deploy\nkernel ${uuid}/deploy_kernel\nappend initrd=${uuid}/deploy_ramdisk console=ttyS0\nipappend 3\n`,
  );
  const written = pxelinuxConfig({ uuid, default: 'boot', deploy, boot });
  expect(written).toMatch(/^default boot\n/);
  expect(written).toContain(`append initrd=${uuid}/ramdisk root=UUID=1`);
});

test('iPXE gets kernel and ramdisk by HTTP', () => {
  const script = ipxeScript({ uuid, default: 'deploy', deploy, boot: undefined }, 'http://10.0.0.1:8080');
  expect(script).toMatch(/^#!ipxe\n/);
  expect(script).toContain(`kernel http://10.0.0.1:8080/${uuid}/deploy_kernel console=ttyS0`);
});

test('sfdisk reads the partition table', () => {
  const disk = join(folder(), 'disk');
  writeFileSync(disk, partitionTable(8 * 1024 * 1024));
  truncateSync(disk, 16 * 1024 * 1024);
  const { partitiontable } = JSON.parse(execFileSync('sfdisk', ['--json', disk], { encoding: 'utf8' })) as {
    partitiontable: { partitions: { start: number; size: number; type: string; bootable: boolean }[] };
  };
  expect(partitiontable.partitions).toMatchObject([
    { start: firstPartitionBytes / 512, size: 16384, type: '83', bootable: true },
  ]);
});

test("the root's UUID is that which mke2fs gave it", () => {
  const file = join(folder(), 'root');
  writeFileSync(file, '');
  truncateSync(file, 4 * 1024 * 1024);
  execFileSync('mke2fs', ['-q', '-t', 'ext4', '-U', uuid, file]);
  expect(ext4Uuid(readFileSync(file).subarray(0, 2048))).toBe(uuid);
  expect(ext4Uuid(Buffer.alloc(2048))).toBeUndefined();
});

test("dnsmasq's log tells of requests and leases", () => {
  // From dnsmasq 2.90's own log.
  const discover = 'Nov 23 04:13:44 dnsmasq-dhcp[85]: DHCPDISCOVER(tap95552076-85) 52:54:00:00:01:00 ';
  const ack =
    'Nov 23 04:13:44 dnsmasq-dhcp[85]: DHCPACK(tap95552076-85) 10.0.0.10 52:54:00:00:01:00 host-10-0-0-10';
  expect(parseDhcpLog(discover)).toEqual({
    message: 'DHCPDISCOVER',
    ip: undefined,
    mac: '52:54:00:00:01:00',
  });
  expect(parseDhcpLog(ack)).toEqual({ message: 'DHCPACK', ip: '10.0.0.10', mac: '52:54:00:00:01:00' });
  expect(parseDhcpLog('dnsmasq[85]: started, version 2.90')).toBeUndefined();
});

test("the TFTP server's log tells of a node's files", () => {
  // From dnsmasq 2.90's own log.
  const line = (path: string) => `Nov 23 07:00:00 dnsmasq-tftp[9]: sent /run/tftpboot/${path} to 10.0.0.10`;
  expect(parseTftpLog(line(`${uuid}/deploy_kernel`))).toEqual({ uuid, file: 'deploy_kernel' });
  expect(parseTftpLog(line('pxelinux.cfg/01-52-54-00-00-01-00'))).toEqual({
    mac: '52:54:00:00:01:00',
    file: 'config',
  });
  expect(parseTftpLog(line('pxelinux.0'))).toBeUndefined();
});

import { expect, test } from 'vitest';
import { parseImageInfo } from '../../../src/ipa/agent/image-info.ts';
import { type BlockDevice, parseCpu, parseMemory } from '../../../src/ipa/agent/inventory.ts';
import { agentSettings, parseKernelArguments } from '../../../src/ipa/agent/kernel-arguments.ts';
import { chooseRootDevice } from '../../../src/ipa/agent/root-device.ts';

test('a kernel command line is names and values', () => {
  const line = 'quiet a=1 b="two words" c=x=y "d=in quotes" a=2\n';
  expect([...parseKernelArguments(line)]).toEqual([
    ['quiet', ''],
    ['a', '2'],
    ['b', 'two words'],
    ['c', 'x=y'],
    ['d', 'in quotes'],
  ]);
});

test('the driver name on the command line means the dialect of Juno', () => {
  const settings = (line: string) => agentSettings(parseKernelArguments(line));
  expect(settings('ipa-api-url=http://1.2.3.4:6385/ ipa-driver-name=agent_ipmitool')).toEqual({
    apiUrl: 'http://1.2.3.4:6385',
    driverName: 'agent_ipmitool',
    rootDevice: undefined,
    insecure: false,
    agentToken: undefined,
  });
  expect(settings('ipa-api-url=https://x ipa-insecure=1 root_device=serial=abc')).toMatchObject({
    driverName: undefined,
    insecure: true,
    rootDevice: 'serial=abc',
  });
  expect(settings('quiet')).toBeUndefined();
});

test('the checksum is the strongest that is known', () => {
  const image = { id: 'i', urls: ['http://x/i'] };
  const md5 = 'D41D8CD98F00B204E9800998ECF8427E';
  expect(parseImageInfo({ ...image, checksum: md5 }).checksum).toEqual({
    algorithm: 'md5',
    value: md5.toLowerCase(),
  });
  const both = { ...image, checksum: md5, os_hash_algo: 'SHA-512', os_hash_value: 'AB' };
  expect(parseImageInfo(both).checksum).toEqual({ algorithm: 'sha512', value: 'ab' });
  expect(parseImageInfo({ ...both, os_hash_algo: 'gost' }).checksum.algorithm).toBe('md5');
});

test.each([
  [{ urls: ['http://x'] }, "missing 'id'"],
  [{ id: 'i' }, "missing 'urls'"],
  [{ id: 'i', urls: [] }, 'at least one'],
  [{ id: 'i', urls: ['file:///etc/shadow'], checksum: 'x' }, 'neither http nor https'],
  [{ id: 'i', urls: ['http://x'] }, 'checksum is not available'],
  [{ id: 'i', urls: ['http://x'], checksum: 'abc' }, 'no MD5'],
  [{ id: 'i', urls: ['http://x'], checksum: 'd'.repeat(32), disk_format: 'vmdk' }, 'neither raw nor qcow2'],
  [{ id: 'i', urls: ['http://x'], checksum: 'd'.repeat(32), image_type: 'partition' }, 'whole-disk'],
  [undefined, "missing 'id'"],
])('image info that cannot be used is refused: %o', (given, reason) => {
  expect(() => parseImageInfo(given)).toThrow(reason);
});

const gib = 2 ** 30;

function disk(name: string, size: number, rest: Partial<BlockDevice> = {}): BlockDevice {
  return { name, size, model: '', vendor: '', serial: '', wwn: '', rotational: false, ...rest };
}

test('the root device is the smallest disk of at least 4 GiB', () => {
  const disks = [disk('/dev/vda', 20 * gib), disk('/dev/vdb', 10 * gib), disk('/dev/vdc', gib)];
  expect(chooseRootDevice(disks).name).toBe('/dev/vdb');
  expect(chooseRootDevice([disk('/dev/vda', gib)]).name).toBe('/dev/vda');
});

test('hints choose the root device', () => {
  const disks = [
    disk('/dev/vda', 10 * gib, { serial: 'A', model: 'QEMU HARDDISK', rotational: true }),
    disk('/dev/vdb', 20 * gib, { serial: 'B', wwn: '0x5000' }),
  ];
  const chosen = (hints: Parameters<typeof chooseRootDevice>[1]) => chooseRootDevice(disks, hints).name;
  expect(chosen({ serial: 'b' })).toBe('/dev/vdb');
  expect(chosen({ serial: 's== B' })).toBe('/dev/vdb');
  expect(chosen({ model: '<in> qemu' })).toBe('/dev/vda');
  expect(chosen({ size: '>= 15' })).toBe('/dev/vdb');
  expect(chosen({ size: 10 })).toBe('/dev/vda');
  expect(chosen({ rotational: false })).toBe('/dev/vdb');
  expect(chosen('wwn=0x5000')).toBe('/dev/vdb');
  expect(chosen('name=/dev/vda')).toBe('/dev/vda');
});

test('a disk that is not there is an error that says what is', () => {
  expect(() => chooseRootDevice([disk('/dev/vda', gib)], { serial: 'nope' })).toThrow(
    'no disk with serial=nope; seen: /dev/vda (1073741824 bytes)',
  );
  expect(() => chooseRootDevice([])).toThrow('seen: none at all');
});

test('processors and memory are read as the kernel tells them', () => {
  expect(parseCpu('processor\t: 0\nmodel name\t: X 1\n\nprocessor\t: 1\nmodel name\t: X 1\n')).toEqual({
    model: 'X 1',
    count: 2,
    architecture: 'x86_64',
  });
  expect(parseMemory('MemTotal:         503412 kB\nMemFree: 1 kB\n')).toBe(515493888);
});

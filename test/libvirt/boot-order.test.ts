import { expect, test } from 'vitest';
import {
  bootIndexes,
  bootsByEfi,
  firstBootDevice,
  macsOf,
  serialPort,
  withBootDevice,
  withOnlyBootDevice,
} from '../../src/libvirt/boot-order.ts';

const leave = { first: undefined, efi: false, menu: false };

/** As `virsh dumpxml` prints it, shortened. */
const byKind = `<domain type='qemu' id='3'>
  <name>server &amp; 1</name>
  <metadata><nova:instance xmlns:nova="http://openstack.org/xmlns/libvirt/nova/1.1"/></metadata>
  <os>
    <type arch='x86_64' machine='pc-i440fx-7.2'>hvm</type>
    <boot dev='hd'/>
    <bios useserial='yes'/>
  </os>
  <devices>
    <!-- two disks -->
    <disk type='file' device='cdrom'><target dev='hda'/><alias name='ide0-0-0'/></disk>
    <disk type='file' device='disk'><target dev='vda'/><alias name='virtio-disk0'/></disk>
    <interface type='bridge'><mac address='52:54:00:00:00:01'/><alias name='net0'/></interface>
    <serial type='pty'><source path='/dev/pts/4'/><target port='0'/><alias name='serial0'/></serial>
  </devices>
</domain>
`;
const byDevice = byKind
  .replace("<boot dev='hd'/>", '')
  .replace("<target dev='vda'/>", "<target dev='vda'/><boot order='1'/>")
  .replace('<mac ', "<boot order='2'/><mac ");

test('the wanted kind comes first and the others stay behind it', () => {
  const changed = withBootDevice(byKind, { ...leave, first: 'network' });
  expect(firstBootDevice(changed)).toBe('network');
  expect(changed).toMatch(/<boot dev="network"\/>\s*<boot dev="hd"\/>/);
});

test('nothing else of the document changes', () => {
  const same = withBootDevice(byKind, { ...leave, first: 'hd' });
  expect(same.replaceAll('"', "'").trim()).toBe(byKind.replaceAll('"', "'").trim());
});

test('where devices have an order of their own, the first of the wanted kind gets the first place', () => {
  const changed = withBootDevice(byDevice, { ...leave, first: 'network' });
  expect(firstBootDevice(changed)).toBe('network');
  expect(changed).not.toContain('<boot dev');
  expect(changed).toMatch(/<boot order="1"\/><mac/);
  expect(changed).toMatch(/<target dev="vda"\/><boot order="2"\/>/);
  expect(firstBootDevice(withBootDevice(changed, { ...leave, first: 'cdrom' }))).toBe('cdrom');
});

test('as in Juno one kind of boot device takes the place of all others', () => {
  for (const xml of [byKind, byDevice]) {
    const changed = withOnlyBootDevice(xml, 'network');
    expect(changed.match(/<boot .*?>/g)).toEqual(['<boot dev="network"/>']);
    expect(firstBootDevice(changed)).toBe('network');
  }
});

test('the MACs are those of the interfaces, in lower case', () => {
  const two = byKind.replace(
    '</devices>',
    "<interface type='user'><mac address='52:54:00:AB:CD:EF'/></interface></devices>",
  );
  expect(macsOf(two)).toEqual(['52:54:00:00:00:01', '52:54:00:ab:cd:ef']);
});

test('UEFI is switched on, and SeaBIOS options go', () => {
  expect(bootsByEfi(byKind)).toBe(false);
  const changed = withBootDevice(byKind, { ...leave, efi: true });
  expect(bootsByEfi(changed)).toBe(true);
  expect(changed).not.toContain('useserial');
});

test('the menu is shown on request', () => {
  expect(withBootDevice(byKind, { ...leave, menu: true })).toContain('<bootmenu enable="yes"');
});

test('boot indexes of a running domain follow the wanted document, devices left out have none', () => {
  const none = [
    { alias: 'ide0-0-0', index: -1 },
    { alias: 'virtio-disk0', index: -1 },
    { alias: 'net0', index: -1 },
  ];
  expect(bootIndexes(byKind, byKind)).toEqual([...none, { alias: 'virtio-disk0', index: 1 }]);
  expect(bootIndexes(byKind, byDevice)).toEqual([
    ...none,
    { alias: 'virtio-disk0', index: 1 },
    { alias: 'net0', index: 2 },
  ]);
});

test('the serial port is found', () => {
  expect(serialPort(byKind)).toEqual({ kind: 'pty', path: '/dev/pts/4' });
  expect(serialPort(byKind.replace(/<serial.*<\/serial>/, ''))).toBeUndefined();
});

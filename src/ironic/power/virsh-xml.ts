import type { BootDevice } from '../drivers/interfaces.ts';

/** libvirt's word for each boot device (formatdomain, os/boot). */
const libvirtDevices = { pxe: 'network', disk: 'hd', cdrom: 'cdrom' } as const;

/** The MACs of a domain's interfaces, in lower case. */
export function macsOf(xml: string): string[] {
  return [...xml.matchAll(/<mac address=['"]([0-9a-fA-F:]+)['"]\s*\/>/g)].map(([, mac = '']) =>
    mac.toLowerCase(),
  );
}

/** The first device that a domain boots from; null for one that the lab has no word for. */
export function bootDeviceOf(xml: string): BootDevice | null {
  const first = /<boot dev=['"](\w+)['"]\s*\/>/.exec(xml)?.[1];
  const found = Object.entries(libvirtDevices).find(([, word]) => word === first);
  return found ? (found[0] as keyof typeof libvirtDevices) : null;
}

/** The domain with one boot device in place of those it has. */
export function withBootDevice(xml: string, device: BootDevice): string {
  const word = libvirtDevices[device as keyof typeof libvirtDevices];
  const others = xml.replaceAll(/\s*<boot dev=['"]\w+['"]\s*\/>/g, '');
  return others.replace(/(<\/type>)/, `$1\n    <boot dev='${word}'/>`);
}

import { XMLBuilder } from 'fast-xml-parser';

/** What runs a domain's instructions: KVM, or QEMU's own translator. */
export type Accelerator = 'kvm' | 'tcg';

/** A virtual machine with one disk and one network interface. */
export interface Domain {
  readonly name: string;
  readonly uuid: string;
  readonly memoryMib: number;
  readonly cpus: number;
  readonly firmware: 'bios' | 'efi';
  /** The raw disk image's path, as its host sees it. */
  readonly disk: string;
  readonly bootDevice: 'network' | 'hd' | 'cdrom';
  readonly nic: {
    readonly mac: string;
    /** Its device on the host's side. */
    readonly device: string;
    readonly bridge: string;
    /** Whether iPXE boots from it; else the firmware's own PXE, which BIOS has not. */
    readonly hasOptionRom: boolean;
    /** Set on an Open vSwitch bridge: the Neutron port's id. */
    readonly interfaceId?: string;
  };
}

/** Where virtlogd records consoles, as a host sees it, and how the names of those files end. */
export const consoleFolder = '/var/log/libvirt/qemu';
export const consoleLogEnd = '-console.log';

/** Where all that a domain's serial console says is recorded, as its host sees it. */
export function consoleLog(domain: string): string {
  return `${consoleFolder}/${domain}${consoleLogEnd}`;
}

const builder = new XMLBuilder({
  ignoreAttributes: false,
  attributeNamePrefix: '@',
  format: true,
  suppressEmptyNode: true,
  suppressBooleanAttributes: false,
});

/**
 * With the checksum left to the "hardware", a frame reaches Open vSwitch's userspace datapath with none at all, and
 * the far end drops it. So the guest is told that its card cannot do that.
 */
const noOffload = {
  host: { '@csum': 'off', '@gso': 'off', '@tso4': 'off', '@tso6': 'off', '@ecn': 'off', '@ufo': 'off' },
  guest: { '@csum': 'off', '@tso4': 'off', '@tso6': 'off', '@ecn': 'off', '@ufo': 'off' },
};

/**
 * What makes an emulated guest slower: with ERMS a kernel copies and clears memory byte by byte, for real processors
 * do that fast, and with LA57 each address takes a fifth table to be found.
 */
export const slowWhenEmulated = ['erms', 'la57'];

const emulatedCpu = {
  '@mode': 'maximum',
  feature: slowWhenEmulated.map((name) => ({ '@policy': 'disable', '@name': name })),
};

/** The domain as libvirt's XML (https://libvirt.org/formatdomain.html). */
export function domainXml(domain: Domain, accelerator: Accelerator): string {
  const { nic } = domain;
  return builder.build({
    domain: {
      '@type': accelerator === 'kvm' ? 'kvm' : 'qemu',
      name: domain.name,
      uuid: domain.uuid,
      memory: { '@unit': 'MiB', '#text': domain.memoryMib },
      vcpu: domain.cpus,
      os: {
        ...(domain.firmware === 'efi' ? { '@firmware': 'efi' } : {}),
        type: { '@arch': 'x86_64', '@machine': 'pc', '#text': 'hvm' },
        boot: { '@dev': domain.bootDevice },
        ...(domain.firmware === 'bios' ? { bios: { '@useserial': 'yes', '@rebootTimeout': '1000' } } : {}),
      },
      features: { acpi: '' },
      cpu: accelerator === 'kvm' ? { '@mode': 'host-passthrough' } : emulatedCpu,
      on_poweroff: 'destroy',
      on_reboot: 'restart',
      on_crash: 'destroy',
      devices: {
        emulator: '/usr/bin/qemu-system-x86_64',
        disk: {
          '@type': 'file',
          '@device': 'disk',
          driver: { '@name': 'qemu', '@type': 'raw', '@discard': 'unmap' },
          source: { '@file': domain.disk },
          target: { '@dev': 'vda', '@bus': 'virtio' },
        },
        controller: { '@type': 'usb', '@model': 'none' },
        interface: {
          '@type': 'bridge',
          mac: { '@address': nic.mac },
          source: { '@bridge': nic.bridge },
          ...(nic.interfaceId
            ? { virtualport: { '@type': 'openvswitch', parameters: { '@interfaceid': nic.interfaceId } } }
            : {}),
          target: { '@dev': nic.device },
          model: { '@type': 'virtio' },
          driver: noOffload,
          ...(nic.hasOptionRom ? {} : { rom: { '@enabled': 'no' } }),
        },
        serial: {
          '@type': 'pty',
          log: { '@file': consoleLog(domain.name), '@append': 'on' },
          target: { '@port': '0' },
        },
        memballoon: { '@model': 'none' },
      },
    },
  });
}

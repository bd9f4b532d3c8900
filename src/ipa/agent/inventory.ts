import { readdirSync, readFileSync } from 'node:fs';
import { networkInterfaces } from 'node:os';
import type { JsonObject } from './json.ts';

/** A disk that an image could be written to. */
export interface BlockDevice {
  /** Such as /dev/vda. */
  readonly name: string;
  /** In bytes. */
  readonly size: number;
  readonly model: string;
  readonly vendor: string;
  readonly serial: string;
  readonly wwn: string;
  readonly rotational: boolean;
}

export interface NetworkInterface {
  readonly name: string;
  /** Lower-case, colons. */
  readonly mac: string;
  readonly ipv4: string | undefined;
  readonly hasCarrier: boolean;
}

export interface Inventory {
  readonly interfaces: readonly NetworkInterface[];
  readonly disks: readonly BlockDevice[];
  readonly cpu: { readonly model: string; readonly count: number; readonly architecture: string };
  /** In bytes. */
  readonly memory: number;
}

/** Not disks of the machine: memory, images, optical and network devices. */
const notDisks = /^(loop|ram|zram|sr|fd|dm-|md|nbd|mtdblock)/;

/** @param root where sys and proc are, `/` but in tests */
export function readInventory(root = '/'): Inventory {
  return {
    interfaces: readInterfaces(root),
    disks: readDisks(root),
    cpu: parseCpu(read(`${root}/proc/cpuinfo`)),
    memory: parseMemory(read(`${root}/proc/meminfo`)),
  };
}

export function readDisks(root = '/'): BlockDevice[] {
  return list(`${root}/sys/block`).flatMap((name) => {
    const folder = `${root}/sys/block/${name}`;
    const size = Number(read(`${folder}/size`)) * 512;
    if (
      notDisks.test(name) ||
      size === 0 ||
      read(`${folder}/removable`) === '1' ||
      read(`${folder}/ro`) === '1'
    )
      return [];
    return {
      name: `/dev/${name}`,
      size,
      model: read(`${folder}/device/model`),
      vendor: read(`${folder}/device/vendor`),
      serial: read(`${folder}/serial`) || read(`${folder}/device/serial`),
      wwn: read(`${folder}/wwid`) || read(`${folder}/device/wwid`),
      rotational: read(`${folder}/queue/rotational`) === '1',
    };
  });
}

function readInterfaces(root: string): NetworkInterface[] {
  const addresses = networkInterfaces();
  return list(`${root}/sys/class/net`).flatMap((name) => {
    const folder = `${root}/sys/class/net/${name}`;
    // Only what hangs on a bus is a port of the machine: no loopback, bridge or bond.
    if (list(`${folder}/device`).length === 0) return [];
    const ipv4 = addresses[name]?.find(({ family }) => family === 'IPv4')?.address;
    return {
      name,
      mac: read(`${folder}/address`).toLowerCase(),
      ipv4,
      hasCarrier: read(`${folder}/carrier`) === '1',
    };
  });
}

export function parseCpu(cpuinfo: string): Inventory['cpu'] {
  return {
    model: /^model name\s*: (.*)$/m.exec(cpuinfo)?.[1] ?? '',
    count: cpuinfo.match(/^processor\s*:/gm)?.length ?? 1,
    architecture: 'x86_64',
  };
}

/** @returns bytes */
export function parseMemory(meminfo: string): number {
  return Number(/^MemTotal:\s+(\d+) kB$/m.exec(meminfo)?.[1] ?? 0) * 1024;
}

/** The inventory as ironic-python-agent tells it, in Juno and now. */
export function inventoryDocument(inventory: Inventory): JsonObject {
  return {
    interfaces: inventory.interfaces.map(({ name, mac, ipv4, hasCarrier }) => ({
      name,
      mac_address: mac,
      ipv4_address: ipv4 ?? null,
      has_carrier: hasCarrier,
      switch_port_descr: null,
      switch_chassis_descr: null,
    })),
    cpu: {
      model_name: inventory.cpu.model,
      frequency: null,
      count: inventory.cpu.count,
      architecture: inventory.cpu.architecture,
    },
    disks: inventory.disks.map(({ name, size, model, vendor, serial, wwn, rotational }) => {
      return { name, size, model, vendor, serial, wwn, rotational };
    }),
    memory: { total: inventory.memory, physical_mb: Math.round(inventory.memory / 2 ** 20) },
  };
}

function list(folder: string): string[] {
  try {
    return readdirSync(folder).sort();
  } catch {
    return [];
  }
}

/** A file of sysfs; '' where this device has none. */
function read(file: string): string {
  try {
    return readFileSync(file, 'utf8').trim();
  } catch {
    return '';
  }
}

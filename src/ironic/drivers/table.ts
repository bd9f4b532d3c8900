import { LabError } from '../../errors.ts';
import type { Driver } from './interfaces.ts';

/** How a driver's interfaces are named in tables: power, deploy, console, management, rescue, vendor. */
export interface DriverDescription {
  readonly name: string;
  readonly interfaces: Readonly<Record<keyof Driver, string>>;
  /** For a driver that the lab has no hardware for: what it would need. */
  readonly needs?: string;
}

/** The drivers of the article's time (setup.cfg of Ironic 2014.2.1, less the fake ones). */
export const driverDescriptions: readonly DriverDescription[] = [
  ssh('pxe_ssh', 'PXE'),
  ssh('agent_ssh', 'Agent'),
  ipmitool('pxe_ipmitool', 'PXE'),
  ipmitool('agent_ipmitool', 'Agent'),
  native('pxe_ipminative', 'PXE'),
  native('agent_pyghmi', 'Agent'),
  {
    name: 'pxe_seamicro',
    interfaces: {
      power: 'SeaMicro REST',
      deploy: 'PXE',
      console: '-',
      management: 'SeaMicro REST',
      rescue: '-',
      vendor: 'SeaMicro, PXE',
    },
    needs: 'an AMD SeaMicro chassis with its REST interface',
  },
  {
    name: 'ilo',
    interfaces: {
      power: 'iLO',
      deploy: 'iLO virtual media',
      console: 'ipmitool',
      management: 'iLO',
      rescue: '-',
      vendor: 'iLO',
    },
    needs: 'an HP ProLiant server with iLO 4 and an Advanced licence',
  },
];

function ssh(name: string, deploy: 'PXE' | 'Agent'): DriverDescription {
  return {
    name,
    interfaces: {
      power: 'SSH (virsh)',
      deploy,
      console: 'libvirt serial',
      management: 'SSH (virsh)',
      rescue: 'ramdisk',
      vendor: deploy,
    },
  };
}

function ipmitool(name: string, deploy: 'PXE' | 'Agent'): DriverDescription {
  return {
    name,
    interfaces: {
      power: 'ipmitool',
      deploy,
      console: 'ipmitool SOL',
      management: 'ipmitool',
      rescue: 'ramdisk',
      vendor: deploy,
    },
  };
}

function native(name: string, deploy: 'PXE' | 'Agent'): DriverDescription {
  return {
    name,
    interfaces: {
      power: 'native IPMI',
      deploy,
      console: 'native SOL',
      management: 'native IPMI',
      rescue: 'ramdisk',
      vendor: deploy,
    },
  };
}

/** The description of a driver. @throws LabError `usage` that lists the drivers */
export function describeDriver(name: string): DriverDescription {
  const found = driverDescriptions.find((it) => it.name === name);
  if (found) return found;
  throw new LabError('usage', `there is no driver "${name}"`, {
    remedy: `one of ${driverDescriptions.map((it) => it.name).join(', ')}`,
  });
}

/** The drivers that work, by name. */
export class DriverTable {
  private readonly drivers: ReadonlyMap<string, Driver>;

  constructor(drivers: Readonly<Record<string, Driver>>) {
    this.drivers = new Map(Object.entries(drivers));
  }

  /** @throws LabError `usage` for a name that is no driver, `machine-lacks` for one whose hardware is not there */
  get(name: string): Driver {
    const driver = this.drivers.get(name);
    if (driver) return driver;
    const { needs = 'something this lab does not have' } = describeDriver(name);
    throw new LabError('machine-lacks', `driver ${name} needs ${needs}`, {
      remedy: `use one of ${[...this.drivers.keys()].join(', ')}`,
    });
  }
}

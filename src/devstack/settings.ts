import { isIPv4 } from 'node:net';
import { driverDescriptions } from '../ironic/drivers/table.ts';
import type { FileProblem, Origin } from './problem.ts';
import type { Assignment } from './shell-assignments.ts';
import type { UsedVariable } from './variables.ts';

/** The drivers for which the lab has hardware. */
const drivers = driverDescriptions.filter(({ needs }) => needs === undefined).map((it) => it.name);

/** A value and where it came from; the origin of a default is the file as a whole. */
export interface Setting<T> extends Origin {
  readonly value: T;
}

/** What a localrc asks for, in the lab's terms. Memory in MiB, disks in GiB. */
export interface DevstackSettings {
  readonly driver: Setting<string>;
  /** The drivers of SSH control VMs, all others servers (DevStack juno, is_ironic_hardware). */
  readonly isHardware: boolean;
  readonly hardwareInfoFile: Setting<string | undefined>;
  readonly server: MachineSettings;
  readonly vm: MachineSettings;
  readonly vmCount: Setting<number>;
  readonly networkName: Setting<string>;
  readonly networkType: Setting<'flat' | 'vlan'>;
  readonly segmentationId: Setting<number | undefined>;
  /** Whether a router of its own leads to br-ex, as DevStack makes it for a tenant's network. */
  readonly hasRouter: boolean;
  readonly physicalNetwork: Setting<string>;
  readonly bridge: Setting<string>;
  readonly cidr: Setting<string>;
  readonly gatewayIp: Setting<string | undefined>;
  readonly allocationPool: Setting<{ readonly start: string; readonly end: string } | undefined>;
  /** What was said and is of no effect, in sentences. */
  readonly notes: readonly string[];
}

export interface MachineSettings {
  readonly cpus: Setting<number>;
  readonly memoryMib: Setting<number>;
  readonly diskGib: Setting<number>;
}

/**
 * What the assignments of a localrc mean. The last assignment of a variable counts, as in a shell.
 * Sources: DevStack juno-eol, lib/ironic and lib/neutron.
 */
export function devstackSettings(
  assignments: readonly Assignment[],
  file: string,
): { readonly settings: DevstackSettings; readonly problems: readonly FileProblem[] } {
  const problems: FileProblem[] = [];
  const notes: string[] = [];
  const last = new Map(assignments.map((it) => [it.name, it]));
  const complain = (line: number, text: string) => problems.push({ file, line, text });

  /** The value of a variable as `read` understands it, or the fallback when it is not set or wrong. */
  const setting = <T>(
    name: UsedVariable,
    fallback: T,
    expected: string,
    read: (text: string) => T | undefined,
  ): Setting<T> => {
    const given = last.get(name);
    if (!given || given.value === '') return { value: fallback, file, line: 0 };
    const { line } = given;
    if (given.value === undefined) {
      complain(line, `${name} refers to a variable that the file does not set; write the value itself`);
      return { value: fallback, file, line };
    }
    const value = read(given.value);
    if (value === undefined) complain(line, `found ${name}=${given.value}, expected ${expected}`);
    return { value: value ?? fallback, file, line };
  };
  const whole = (name: UsedVariable, fallback: number, min: number, max: number) =>
    setting(name, fallback, `a whole number from ${min} to ${max}`, (text) => {
      const number = Number(text);
      return /^\d+$/.test(text) && number >= min && number <= max ? number : undefined;
    });
  const truth = (name: UsedVariable) =>
    setting(name, false, 'True or False', (text) => {
      if (/^(true|1|yes)$/i.test(text)) return true;
      return /^(false|0|no)$/i.test(text) ? false : undefined;
    });
  const text = <T extends string | undefined>(
    name: UsedVariable,
    fallback: T,
    expected: string,
    form: RegExp,
  ) => setting<string | T>(name, fallback, expected, (found) => (form.test(found) ? found : undefined));
  const name = /^[A-Za-z0-9][A-Za-z0-9_-]{0,62}$/;
  const nameForm = 'a name of letters, digits, - and _';

  setting('VIRT_DRIVER', 'ironic', 'ironic, whose servers these are', (found) =>
    found === 'ironic' ? found : undefined,
  );
  const driver = setting('IRONIC_DEPLOY_DRIVER', 'pxe_ssh', `one of ${drivers.join(', ')}`, (found) =>
    drivers.includes(found) ? found : undefined,
  );
  const machine = (prefix: 'IRONIC_HW_NODE' | 'IRONIC_VM_SPECS', diskGib: number): MachineSettings => ({
    cpus: whole(`${prefix}_CPU`, 1, 1, 4096),
    memoryMib: whole(`${prefix}_RAM`, 512, 64, 16777216),
    diskGib: whole(`${prefix}_DISK`, diskGib, 1, 4096),
  });

  const provider = truth('Q_USE_PROVIDER_NETWORKING');
  const tenantVlans = truth('ENABLE_TENANT_VLANS');
  const physicalNetwork = text('PHYSICAL_NETWORK', 'physnet1', nameForm, name);
  const segmentationId = whole('SEGMENTATION_ID', 0, 1, 4094);
  const providerType = setting(
    'PROVIDER_NETWORK_TYPE',
    undefined,
    'flat or vlan: no other network of DevStack leads to a wire',
    (found) => (found === 'flat' || found === 'vlan' ? (found as 'flat' | 'vlan') : undefined),
  );
  const tenantRange = setting(
    'TENANT_VLAN_RANGE',
    undefined,
    'FIRST:LAST, VLAN ids from 1 to 4094',
    vlanRange,
  );
  let network: Pick<DevstackSettings, 'networkName' | 'networkType' | 'segmentationId'>;
  if (provider.value) {
    if (providerType.value === undefined && providerType.line === 0) {
      complain(
        provider.line,
        'Q_USE_PROVIDER_NETWORKING is set, but PROVIDER_NETWORK_TYPE is not; add PROVIDER_NETWORK_TYPE=flat or vlan',
      );
    }
    if (providerType.value === 'vlan' && segmentationId.value === 0 && segmentationId.line === 0) {
      complain(providerType.line, 'PROVIDER_NETWORK_TYPE is vlan, but SEGMENTATION_ID is not set; add it');
    }
    if (providerType.value === 'flat' && segmentationId.line > 0) {
      notes.push(`${file}:${segmentationId.line}: SEGMENTATION_ID has no meaning on a flat network`);
    }
    network = {
      // DevStack gives the network of a provider the name of its physical network.
      networkName: physicalNetwork,
      networkType: { ...providerType, value: providerType.value ?? 'flat' },
      segmentationId: providerType.value === 'vlan' ? segmentationId : { value: undefined, file, line: 0 },
    };
  } else {
    if (!tenantVlans.value || tenantRange.line === 0) {
      complain(
        tenantVlans.line || provider.line,
        tenantVlans.value
          ? 'ENABLE_TENANT_VLANS is set, but TENANT_VLAN_RANGE is not; add it, such as TENANT_VLAN_RANGE=1001:2000'
          : 'found neither a provider network nor VLANs for tenants, without which nothing reaches the wire; ' +
              'set Q_USE_PROVIDER_NETWORKING=True and PROVIDER_NETWORK_TYPE, or ENABLE_TENANT_VLANS=True and TENANT_VLAN_RANGE',
      );
    }
    network = {
      networkName: text('PRIVATE_NETWORK_NAME', 'private', nameForm, name),
      networkType: { value: 'vlan', file, line: tenantVlans.line },
      // The first network that is made gets the first id.
      segmentationId: { ...tenantRange, value: tenantRange.value?.first },
    };
  }

  const bridgeForm = 'a bridge named br-NIC, such as br-eth2';
  const wire = text('PUBLIC_INTERFACE', undefined, 'the name of a NIC', /^[A-Za-z0-9]{1,12}$/);
  const bridge = text(
    'OVS_PHYSICAL_BRIDGE',
    wire.value === undefined ? 'br-eth2' : `br-${wire.value}`,
    bridgeForm,
    /^br-[A-Za-z0-9]{1,12}$/,
  );
  if (wire.value !== undefined && bridge.value !== `br-${wire.value}`) {
    notes.push(
      `${file}:${wire.line}: PUBLIC_INTERFACE=${wire.value}: in the lab the NIC in ${bridge.value} is named ${bridge.value.slice(3)}`,
    );
  }
  const settings: DevstackSettings = {
    driver,
    isHardware: !driver.value.endsWith('_ssh'),
    hardwareInfoFile: setting<string | undefined>(
      'IRONIC_IPMIINFO_FILE',
      undefined,
      'a path',
      (found) => found,
    ),
    server: machine('IRONIC_HW_NODE', 10),
    vm: machine('IRONIC_VM_SPECS', 10),
    vmCount: whole('IRONIC_VM_COUNT', 1, 0, 64),
    ...network,
    hasRouter: !provider.value,
    physicalNetwork,
    bridge,
    cidr: text('FIXED_RANGE', '10.0.0.0/24', 'a subnet such as 10.0.0.0/24', /^[\d.]+\/\d{1,2}$/),
    gatewayIp: setting<string | undefined>('NETWORK_GATEWAY', undefined, 'an IPv4 address', (found) =>
      isIPv4(found) ? found : undefined,
    ),
    allocationPool: setting('ALLOCATION_POOL', undefined, 'start=ADDRESS,end=ADDRESS', addressPool),
    notes,
  };
  return { settings, problems };
}

function vlanRange(text: string): { readonly first: number; readonly last: number } | undefined {
  const [, from, to] = /^(?:\w+:)?(\d+):(\d+)$/.exec(text) ?? [];
  const [first, last] = [Number(from), Number(to)];
  return first >= 1 && last <= 4094 && first <= last ? { first, last } : undefined;
}

function addressPool(text: string): { readonly start: string; readonly end: string } | undefined {
  const parts = Object.fromEntries(text.split(',').map((part) => part.trim().split('=', 2)));
  const { start, end } = parts as { start?: string; end?: string };
  return start && end && isIPv4(start) && isIPv4(end) ? { start, end } : undefined;
}

import { ipv4ToNumber, numberToIpv4, subnetOf } from '../topology/ipv4.ts';
import type { TopologyFile } from '../topology/schema.ts';
import type { HardwareEntry } from './hardware-info.ts';
import type { Origin } from './problem.ts';
import type { DevstackSettings, MachineSettings, Setting } from './settings.ts';

/** What a virtual server gets at most, whatever the real one has. */
const mostMemoryMib = 2048;
const mostCpus = 4;

/** The data of a topology file, and where in DevStack's files each part of it was said. */
export interface DescribedTopology {
  readonly data: unknown;
  /** By path, joined with dots: `networks.0.subnet.cidr`. */
  readonly origins: ReadonlyMap<string, Origin>;
  /** What the lab does otherwise than the files say, in sentences. */
  readonly notes: readonly string[];
}

type Data = {
  -readonly [Key in keyof TopologyFile]?: unknown;
};

/**
 * The topology that settings and servers come to.
 *
 * @param options.real the servers are real ones, outside the lab
 */
export function describedTopology(
  name: string,
  settings: DevstackSettings,
  servers: readonly HardwareEntry[],
  hardwareInfo: string,
  { real }: { readonly real: boolean },
): DescribedTopology {
  const origins = new Map<string, Origin>();
  const notes: string[] = [];
  const from = <T>(path: string, setting: Setting<T>): T => {
    origins.set(path, setting);
    return setting.value;
  };
  const machine = (path: string, given: MachineSettings, capped = true) => {
    const memory = from(`${path}.memory_mib`, given.memoryMib);
    const cpus = from(`${path}.cpus`, given.cpus);
    return {
      memory_mib: capped ? Math.min(memory, mostMemoryMib) : memory,
      cpus: capped ? Math.min(cpus, mostCpus) : cpus,
      disk_gib: from(`${path}.disk_gib`, given.diskGib),
    };
  };
  const noteCapped = ({ memoryMib, cpus }: MachineSettings) => {
    if (memoryMib.value > mostMemoryMib) {
      notes.push(
        `${memoryMib.file}:${memoryMib.line}: virtual machines get ${mostMemoryMib} MiB of memory instead of ${memoryMib.value}`,
      );
    }
    if (cpus.value > mostCpus) {
      notes.push(`${cpus.file}:${cpus.line}: virtual machines get ${mostCpus} CPUs instead of ${cpus.value}`);
    }
  };

  const network = 'networks.0';
  const vlan = settings.networkType.value === 'vlan';
  const pool = from(`${network}.subnet.allocation_pools`, settings.allocationPool);
  const gateway = from(`${network}.subnet.gateway_ip`, settings.gatewayIp);
  const data: Data = {
    name,
    title: `DevStack's ${settings.networkType.value} network ${settings.networkName.value}, ${settings.driver.value}`,
    bridge_mappings: { [settings.physicalNetwork.value]: from('bridge_mappings', settings.bridge) },
    networks: [
      {
        name: from(`${network}.name`, settings.networkName),
        provider: {
          network_type: from(`${network}.provider`, settings.networkType),
          physical_network: from(`${network}.provider.physical_network`, settings.physicalNetwork),
          ...(vlan
            ? { segmentation_id: from(`${network}.provider.segmentation_id`, settings.segmentationId) }
            : {}),
        },
        subnet: {
          cidr: from(`${network}.subnet.cidr`, settings.cidr),
          ...(gateway === undefined ? {} : { gateway_ip: gateway }),
          ...(pool === undefined ? {} : { allocation_pools: [pool] }),
        },
      },
    ],
  };
  if (settings.hasRouter) {
    data.external_network = { cidr: '172.24.4.0/24', tftp_server: '172.24.4.225' };
    data.routers = [{ name: 'router1', interfaces: [settings.networkName.value], external_ip: '172.24.4.2' }];
  }
  if (settings.isHardware) {
    if (!real) noteCapped(settings.server);
    data.management = managementOf(servers);
    data.servers = servers.map((server, index) => {
      const path = `servers.${index}`;
      origins.set(path, { file: hardwareInfo, line: server.line });
      return {
        name: `node-${index}`,
        kind: real ? 'external' : 'vm',
        mac: server.mac,
        ...machine(path, settings.server, !real),
        bmc: { ip: server.bmcIp, username: server.username },
      };
    });
  } else {
    noteCapped(settings.vm);
    origins.set('vms', settings.vmCount);
    data.vms = Array.from({ length: settings.vmCount.value }, (_, index) => ({
      name: `baremetalbrbm_${index}`,
      ...machine(`vms.${index}`, settings.vm),
    }));
  }
  return { data, origins, notes };
}

/** The management link: the smallest subnet, of /24 or wider, that holds all BMCs, and a free address for devstack. */
function managementOf(servers: readonly HardwareEntry[]): { cidr: string; ip: string } | undefined {
  const addresses = servers.map(({ bmcIp }) => ipv4ToNumber(bmcIp));
  const [first] = servers;
  if (!first) return undefined;
  let prefixLength = 24;
  const subnet = () => subnetOf(`${first.bmcIp}/${prefixLength}`);
  const holds = (address: number) =>
    subnetOf(`${numberToIpv4(address)}/${prefixLength}`).network === subnet().network;
  while (prefixLength > 8 && !addresses.every(holds)) prefixLength--;
  const { network } = subnet();
  let own = network + 2 ** (32 - prefixLength) - 2;
  while (addresses.includes(own)) own--;
  return { cidr: `${numberToIpv4(network)}/${prefixLength}`, ip: numberToIpv4(own) };
}

/** The place in DevStack's files where the value at a path of the topology, or what it is part of, was said. */
export function originOf(
  path: readonly PropertyKey[],
  origins: ReadonlyMap<string, Origin>,
): Origin | undefined {
  for (let length = path.length; length > 0; length--) {
    const origin = origins.get(path.slice(0, length).join('.'));
    if (origin) return origin;
  }
  return undefined;
}

import { AddressPool, defaultGateway, defaultPools } from './address-pool.ts';
import { interestingPoints } from './capture-points.ts';
import { expandCount, isCounted } from './count.ts';
import { nodeMac } from './ids.ts';
import { hostsOf, poolToRange, rangeToPool, subnetOf } from './ipv4.ts';
import type {
  Instance,
  Network,
  NetworkEntry,
  NodeEntry,
  Server,
  ServerEntry,
  Topology,
  TopologyFile,
  Tunnel,
  TunnelEntry,
} from './schema.ts';

const firstLocalVlan = 2;

/**
 * Decides everything a checked file left open: names of counted servers, MACs, addresses, local VLANs, capture
 * points. What the file names is kept; the rest is given out in the order of the file.
 *
 * @param fallbackName the topology's name if the file gives none
 * @throws AddressesExhausted
 */
export function complete(file: TopologyFile, fallbackName: string): Topology {
  const { name = fallbackName, title = name, ...settings } = file;
  const entries = file.servers.flatMap(expandCount);
  const instances = file.tunnel?.compute.instances ?? [];
  const nodes: readonly NodeEntry[] = [...file.vms, ...entries, ...instances];
  const networkOf = (node: NodeEntry) => node.network ?? file.networks[0]?.name ?? '';

  const pools = new Map(
    file.networks.map((network, index) => {
      const fixed = nodes.filter((node) => networkOf(node) === network.name).flatMap((node) => node.ip ?? []);
      return [network.name, networkPool(network, index, fixed)];
    }),
  );
  const addressOn = (network: string, given: string | undefined) => given ?? pools.get(network)?.take() ?? '';
  const localVlans = takeLocalVlans(file.networks);
  const networks = file.networks.map(
    (network, index): Network => ({
      ...network,
      local_vlan: localVlans[index] ?? firstLocalVlan,
      subnet: {
        ...completeSubnet(network),
        dhcp: { ...network.subnet.dhcp, ip: addressOn(network.name, network.subnet.dhcp.ip) },
      },
    }),
  );

  const macs = takeMacs(nodes);
  const completed = (node: NodeEntry) => ({
    network: networkOf(node),
    mac: macs.get(node.name) ?? nodeMac(node.name, 0),
    ip: addressOn(networkOf(node), node.ip),
  });
  const management = { ...file.management, ip: file.management.ip ?? defaultGateway(file.management.cidr) };
  const bmcPool = managementPool(management, entries);
  const topology = {
    name,
    title,
    ...settings,
    networks,
    tunnel: file.tunnel && completeTunnel(file.tunnel, file.bridge_mappings, completed),
    vms: file.vms.map((vm) => ({ ...vm, ...completed(vm) })),
    management,
    servers: entries.map((entry): Server => {
      if (entry.kind === 'vm') {
        return {
          ...entry,
          ...completed(entry),
          bmc: { ...entry.bmc, ip: entry.bmc.ip ?? bmcPool.take() },
          fru: { ...entry.fru, serial: entry.fru.serial ?? entry.name },
        };
      }
      if (entry.kind === 'external') return { ...entry, ...completed(entry) };
      const { count: _, ...server } = entry;
      return { ...server, ...completed(entry) };
    }),
  };
  const crowd = new Set(
    file.servers
      .filter(isCounted)
      .flatMap(expandCount)
      .map((server) => server.name),
  );
  return { ...topology, capture_points: file.capture_points ?? interestingPoints(topology, crowd) };
}

function completeTunnel(
  tunnel: TunnelEntry,
  bridgeMappings: Readonly<Record<string, string>>,
  completed: (node: NodeEntry) => Pick<Instance, 'network' | 'mac' | 'ip'>,
): Tunnel {
  const { cidr, compute } = tunnel;
  const local_ip = tunnel.local_ip ?? defaultGateway(cidr);
  const endpoints = new AddressPool(['tunnel', 'cidr'], [hostsOf(subnetOf(cidr))], [local_ip]);
  return {
    cidr,
    local_ip,
    physical_network: tunnel.physical_network ?? Object.keys(bridgeMappings)[0] ?? '',
    compute: {
      name: compute.name,
      ip: compute.ip ?? endpoints.take(),
      port: compute.port,
      instances: compute.instances.map((instance) => ({ ...instance, ...completed(instance) })),
    },
  };
}

function completeSubnet({ subnet }: NetworkEntry) {
  const gateway = subnet.gateway_ip ?? defaultGateway(subnet.cidr);
  return {
    cidr: subnet.cidr,
    gateway_ip: gateway,
    allocation_pools: subnet.allocation_pools ?? defaultPools(subnet.cidr, gateway).map(rangeToPool),
  };
}

function networkPool(network: NetworkEntry, index: number, fixed: readonly string[]): AddressPool {
  const { gateway_ip, allocation_pools } = completeSubnet(network);
  const path = ['networks', index, 'subnet', 'allocation_pools'];
  const taken = [gateway_ip, ...fixed, network.subnet.dhcp.ip ?? []].flat();
  return new AddressPool(path, allocation_pools.map(poolToRange), taken);
}

function managementPool(
  management: { cidr: string; ip: string },
  servers: readonly ServerEntry[],
): AddressPool {
  const fixed = servers.flatMap((server) => (server.kind === 'namespace' ? [] : (server.bmc?.ip ?? [])));
  return new AddressPool(
    ['management', 'cidr'],
    [hostsOf(subnetOf(management.cidr))],
    [management.ip, ...fixed],
  );
}

function takeLocalVlans(networks: readonly NetworkEntry[]): number[] {
  const taken = new Set(networks.flatMap((network) => network.local_vlan ?? []));
  let next = firstLocalVlan;
  return networks.map((network) => {
    if (network.local_vlan !== undefined) return network.local_vlan;
    while (taken.has(next)) next++;
    return next++;
  });
}

function takeMacs(nodes: readonly NodeEntry[]): ReadonlyMap<string, string> {
  const taken = new Set(nodes.flatMap((node) => node.mac ?? []));
  return new Map(
    nodes.map((node) => {
      let mac = node.mac;
      for (let attempt = 0; mac === undefined; attempt++) {
        const candidate = nodeMac(node.name, attempt);
        if (!taken.has(candidate)) mac = candidate;
      }
      taken.add(mac);
      return [node.name, mac];
    }),
  );
}

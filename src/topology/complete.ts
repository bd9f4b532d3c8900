import { dhcpPortId, gatewayPortId, nodeMac, portId, portInterface, wireOf } from './ids.ts';
import {
  hostsOf,
  type Ipv4Range,
  ipv4ToNumber,
  numberToIpv4,
  rangeContains,
  rangeToText,
  subnetOf,
} from './ipv4.ts';
import type {
  Network,
  NetworkEntry,
  NodeEntry,
  Server,
  ServerEntry,
  Topology,
  TopologyFile,
  Vm,
} from './schema.ts';

const firstLocalVlan = 2;

/** A subnet or pool from which more addresses were wanted than it has. */
export class AddressesExhausted extends Error {
  /** The name of the network, or undefined for the management subnet. */
  readonly network: string | undefined;
  readonly ranges: string;
  constructor(network: string | undefined, ranges: readonly Ipv4Range[]) {
    super('no address is left');
    this.network = network;
    this.ranges = ranges.map(rangeToText).join(', ');
  }
}

/**
 * Decides everything a checked file left open: names of counted servers, MACs, addresses, local VLANs, capture
 * points. What the file names is kept; the rest is given out in the order of the file.
 *
 * @throws AddressesExhausted
 */
export function complete(file: TopologyFile, fallbackName: string): Topology {
  const name = file.name ?? fallbackName;
  const entries = file.servers.flatMap(expandCount);
  const defaultNetwork = file.networks[0]?.name ?? '';
  const localVlans = takeLocalVlans(file.networks);
  const nodes: readonly NodeEntry[] = [...file.vms, ...entries];
  const macs = takeMacs(nodes);
  const fixed = (network: string) =>
    nodes.filter((node) => (node.network ?? defaultNetwork) === network).flatMap((node) => node.ip ?? []);
  const addresses = new Map<string, AddressPool>();
  const networks = file.networks.map((entry, index): Network => {
    const { pool, ...subnet } = completeSubnet(entry, fixed(entry.name));
    addresses.set(entry.name, pool);
    return { ...entry, local_vlan: localVlans[index] ?? firstLocalVlan, subnet };
  });

  const nodeDefaults = (node: NodeEntry) => {
    const network = node.network ?? defaultNetwork;
    return {
      network,
      mac: macs.get(node.name) ?? nodeMac(node.name, 0),
      ip: node.ip ?? addresses.get(network)?.take() ?? '',
    };
  };
  const vms = file.vms.map((vm): Vm => ({ ...vm, ...nodeDefaults(vm) }));

  const managementHosts = hostsOf(subnetOf(file.management.cidr));
  const management = {
    cidr: file.management.cidr,
    ip: file.management.ip ?? numberToIpv4(managementHosts.first),
  };
  const bmcAddresses = new AddressPool(
    undefined,
    [managementHosts],
    [management.ip, ...entries.flatMap((entry) => (entry.kind === 'vm' ? (entry.bmc.ip ?? []) : []))],
  );
  const servers = entries.map((entry): Server => {
    const defaults = nodeDefaults(entry);
    if (entry.kind === 'namespace') {
      const { count: _, ...server } = entry;
      return { ...server, ...defaults };
    }
    return { ...entry, ...defaults, bmc: { ...entry.bmc, ip: entry.bmc.ip ?? bmcAddresses.take() } };
  });

  const topology = { ...file, name, title: file.title ?? name, networks, vms, management, servers };
  const counted = new Set(
    file.servers.flatMap((entry) => (isCounted(entry) ? expandCount(entry) : [])).map((entry) => entry.name),
  );
  return {
    ...topology,
    capture_points: file.capture_points ?? interestingPoints(topology, counted),
  };
}

/** The servers that one entry of the file stands for: `count` of them, named NAME-1 and so on, or itself. */
export function expandCount(entry: ServerEntry): ServerEntry[] {
  if (!isCounted(entry)) return [entry];
  return Array.from({ length: entry.count }, (_, index) => ({
    ...entry,
    name: `${entry.name}-${index + 1}`,
  }));
}

function isCounted(entry: ServerEntry): entry is ServerEntry & { kind: 'namespace'; count: number } {
  return entry.kind === 'namespace' && entry.count !== undefined;
}

/** The pools that Neutron makes for a subnet without any: every host address but the gateway. */
export function defaultPools(cidr: string, gatewayIp: string): Ipv4Range[] {
  const hosts = hostsOf(subnetOf(cidr));
  const gateway = ipv4ToNumber(gatewayIp);
  if (!rangeContains(hosts, gateway)) return [hosts];
  return [
    { first: hosts.first, last: gateway - 1 },
    { first: gateway + 1, last: hosts.last },
  ].filter((pool) => pool.first <= pool.last);
}

function completeSubnet(
  entry: NetworkEntry,
  fixed: readonly string[],
): Network['subnet'] & { pool: AddressPool } {
  const { cidr, dhcp } = entry.subnet;
  const gatewayIp = entry.subnet.gateway_ip ?? numberToIpv4(hostsOf(subnetOf(cidr)).first);
  const ranges =
    entry.subnet.allocation_pools?.map(({ start, end }) => ({
      first: ipv4ToNumber(start),
      last: ipv4ToNumber(end),
    })) ?? defaultPools(cidr, gatewayIp);
  const pool = new AddressPool(entry.name, ranges, [gatewayIp, ...fixed, ...(dhcp.ip ? [dhcp.ip] : [])]);
  return {
    cidr,
    gateway_ip: gatewayIp,
    allocation_pools: ranges.map(({ first, last }) => ({
      start: numberToIpv4(first),
      end: numberToIpv4(last),
    })),
    dhcp: { ...dhcp, ip: dhcp.ip ?? pool.take() },
    pool,
  };
}

/** Gives out the free addresses of some ranges, each once, in order. */
class AddressPool {
  readonly #network: string | undefined;
  readonly #ranges: readonly Ipv4Range[];
  readonly #taken: ReadonlySet<string>;
  readonly #free: Iterator<string>;

  constructor(network: string | undefined, ranges: readonly Ipv4Range[], taken: readonly string[]) {
    this.#network = network;
    this.#ranges = ranges;
    this.#taken = new Set(taken);
    this.#free = this.#walk();
  }

  *#walk(): Generator<string, void> {
    for (const { first, last } of this.#ranges) {
      for (let address = first; address <= last; address++) {
        const text = numberToIpv4(address);
        if (!this.#taken.has(text)) yield text;
      }
    }
  }

  /** @throws AddressesExhausted */
  take(): string {
    const next = this.#free.next();
    if (next.done) throw new AddressesExhausted(this.#network, this.#ranges);
    return next.value;
  }
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
  const macs = new Map<string, string>();
  for (const node of nodes) {
    let mac = node.mac;
    for (let attempt = 0; mac === undefined; attempt++) {
      const candidate = nodeMac(node.name, attempt);
      if (!taken.has(candidate)) mac = candidate;
    }
    taken.add(mac);
    macs.set(node.name, mac);
  }
  return macs;
}

/**
 * Where frames are worth seeing: each network's DHCP tap, br-int (which shows local VLANs), brbm's link to it,
 * the wires, the routers' two sides, and the servers, but not the crowds made by `count`.
 */
function interestingPoints(topology: Omit<Topology, 'capture_points'>, crowd: ReadonlySet<string>): string[] {
  const inside = [
    ...topology.networks.map((network) => portInterface('tap', dhcpPortId(topology.name, network.name))),
    'br-int',
    'brbm-tap1',
    ...Object.values(topology.bridge_mappings).map(wireOf),
    ...topology.routers.flatMap((router) => [
      ...router.interfaces.map((network) =>
        portInterface('qr-', portId(topology.name, network, router.name)),
      ),
      portInterface('qg-', gatewayPortId(topology.name, router.name)),
    ]),
  ];
  const servers = topology.servers.filter((server) => !crowd.has(server.name));
  return [...inside.map((point) => `devstack/${point}`), ...servers.map((server) => `rack/${server.name}`)];
}

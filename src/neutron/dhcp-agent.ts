import type { Port } from '../ovs/bridges.ts';
import { dhcpPortId, networkId, portId, portInterface, portMac } from '../topology/ids.ts';
import { numberToIpv4, subnetOf } from '../topology/ipv4.ts';
import { nodesOf } from '../topology/nodes.ts';
import type { Network, Topology } from '../topology/schema.ts';

type Client = 'ipxe' | 'efi';
type ClientTag = Client | `!${Client}`;

/**
 * How dnsmasq tells clients apart: iPXE by its own option, 64-bit UEFI firmware by its client architecture (RFC 4578,
 * 2.1, where firmware reads the numbers 7 and 9 as its errata put them).
 */
const clientMatches: readonly (readonly [Client, string])[] = [
  ['ipxe', '175'],
  ['efi', 'option:client-arch,7'],
  ['efi', 'option:client-arch,9'],
];

/** A DHCP option of one port, by its name in dnsmasq (`bootfile-name`), its number, or `encap:` and numbers. */
export interface DhcpOption {
  readonly option: string;
  readonly value: string;
  /**
   * Sent only to clients with all of these tags, and without those that begin with `!`. `ipxe` is set for clients that
   * send option 175, `efi` for those that say by option 93 that their firmware is UEFI.
   */
  readonly tags?: readonly ClientTag[];
}

/** Everything the DHCP agent makes for one network. Paths are the host's. */
export interface DhcpAgentPlan {
  readonly network: string;
  readonly namespace: string;
  readonly tap: Port & { readonly tag: number };
  /** The tap's addresses with their prefix lengths. */
  readonly address: string;
  readonly ipv6Address: string;
  readonly folder: string;
  readonly pidFile: string;
  readonly leaseFile: string;
  readonly logFile: string;
  readonly files: Readonly<Record<string, string>>;
  readonly argv: readonly string[];
  readonly routerAdvertiser: RouterAdvertiserPlan;
}

/**
 * What answers router solicitations: iPXE waits 13 s for an advertisement, on a network without IPv6 too. It is a
 * process of its own, so that Neutron's dnsmasq runs as Neutron runs it.
 */
export interface RouterAdvertiserPlan {
  readonly pidFile: string;
  readonly argv: readonly string[];
}

/** Where Neutron keeps dnsmasq's files; here below /run, so that it ends with the host. */
const stateFolder = '/run/neutron/dhcp';

/**
 * What Neutron's DHCP agent would run for a network: neutron/agent/linux/dhcp.py of juno-eol, Dnsmasq.spawn_process
 * and the files it writes.
 */
export function dhcpAgentPlan(topology: Topology, network: Network): DhcpAgentPlan {
  const id = networkId(topology.name, network.name);
  const port = dhcpPortId(topology.name, network.name);
  const tap = portInterface('tap', port);
  const folder = `${stateFolder}/${id}`;
  const { network: base, prefixLength } = subnetOf(network.subnet.cidr);
  const lease = network.subnet.dhcp.lease_duration;
  const ipv6Prefix = `fd00:${network.local_vlan.toString(16)}::`;
  const pidFile = `${folder}/pid`;
  const leaseFile = `${folder}/leases`;
  const logFile = `/var/log/dnsmasq-${network.name}.log`;
  return {
    network: network.name,
    namespace: `qdhcp-${id}`,
    tap: {
      name: tap,
      type: 'internal',
      tag: network.local_vlan,
      mac: portMac(port),
      externalIds: { 'iface-id': port, 'attached-mac': portMac(port), 'iface-status': 'active' },
    },
    address: `${network.subnet.dhcp.ip}/${prefixLength}`,
    ipv6Address: `${ipv6Prefix}2/64`,
    folder,
    pidFile,
    leaseFile,
    logFile,
    files: {
      host: hostsFile(hostEntries(topology, network)),
      addn_hosts: '',
      opts: optionsFile(network, {}),
    },
    argv: [
      'dnsmasq',
      '--no-hosts',
      '--no-resolv',
      '--strict-order',
      '--bind-interfaces',
      `--interface=${tap}`,
      '--except-interface=lo',
      `--pid-file=${pidFile}`,
      `--dhcp-hostsfile=${folder}/host`,
      `--addn-hosts=${folder}/addn_hosts`,
      `--dhcp-optsfile=${folder}/opts`,
      `--dhcp-leasefile=${leaseFile}`,
      `--dhcp-range=set:tag0,${numberToIpv4(base)},static,${lease}s`,
      `--dhcp-lease-max=${Math.min(2 ** (32 - prefixLength), 65536)}`,
      '--conf-file=',
      '--domain=openstacklocal',
      ...clientMatches.map(([tag, match]) => `--dhcp-match=set:${tag},${match}`),
      `--log-facility=${logFile}`,
    ],
    routerAdvertiser: routerAdvertiserPlan(network, tap, ipv6Prefix),
  };
}

/**
 * The command, for a shell in devstack, that has dnsmasq read its files anew. It is started again, which loses no
 * lease; Neutron sends SIGHUP, of which dnsmasq 2.90 (Debian 12's) dies once a host with a `set:` tag has a lease.
 */
export function reloadDhcpAgent(agent: Pick<DhcpAgentPlan, 'namespace' | 'pidFile' | 'argv'>): string[] {
  const script = [
    `pid=$(cat ${agent.pidFile})`,
    'kill "$pid"',
    'while kill -0 "$pid" 2>/dev/null; do sleep 0.01; done',
    'exec ip netns exec "$@"',
  ];
  return ['sh', '-ec', script.join('\n'), 'sh', agent.namespace, ...agent.argv];
}

function routerAdvertiserPlan(network: Network, tap: string, prefix: string): RouterAdvertiserPlan {
  const pidFile = `/run/router-advertiser-${network.name}.pid`;
  return {
    pidFile,
    argv: [
      'dnsmasq',
      '--port=0',
      '--no-hosts',
      '--no-resolv',
      '--bind-interfaces',
      `--interface=${tap}`,
      '--except-interface=lo',
      '--enable-ra',
      `--dhcp-range=${prefix},ra-only`,
      '--leasefile-ro',
      '--conf-file=',
      `--pid-file=${pidFile}`,
      `--log-facility=/var/log/router-advertiser-${network.name}.log`,
    ],
  };
}

/** A MAC that dnsmasq answers, the address that it gives it, and the Neutron port whose options it is told. */
export interface HostEntry {
  readonly mac: string;
  readonly ip: string;
  readonly port: string;
}

/** What dnsmasq knows of a network's machines from the start. */
export function hostEntries(topology: Topology, network: Network): HostEntry[] {
  return nodesOf(topology)
    .filter((node) => node.known && node.network === network.name)
    .map(({ name, mac, ip }) => ({ mac, ip, port: portId(topology.name, network.name, name) }));
}

/** dnsmasq's hosts file: a line each; `set:` ties a port's options to it. */
export function hostsFile(entries: readonly HostEntry[]): string {
  return entries
    .map(({ mac, ip, port }) => `${mac},host-${ip.replaceAll('.', '-')}.openstacklocal,${ip},set:${port}\n`)
    .join('');
}

/** The options of a network and those of its ports, by port id. */
export function optionsFile(
  network: Network,
  ports: Readonly<Record<string, readonly DhcpOption[]>>,
): string {
  const lines = [`tag:tag0,option:router,${network.subnet.gateway_ip}`];
  for (const [port, options] of Object.entries(ports)) {
    for (const { option, value, tags = [] } of options) {
      const named = /^(\d|encap:)/.test(option) ? option : `option:${option}`;
      lines.push([...[port, ...tags].map((tag) => `tag:${tag}`), named, value].join(','));
    }
  }
  return lines.map((line) => `${line}\n`).join('');
}

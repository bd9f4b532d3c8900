import type { Port } from '../ovs/bridges.ts';
import { dhcpPortId, networkId, portId, portInterface, portMac } from '../topology/ids.ts';
import { numberToIpv4, subnetOf } from '../topology/ipv4.ts';
import type { Network, Topology } from '../topology/schema.ts';

/** A DHCP option of one port, by its name in dnsmasq (`bootfile-name`), its number, or `encap:` and numbers. */
export interface DhcpOption {
  readonly option: string;
  readonly value: string;
  /** Sent only to clients with this tag, or only to those without; `ipxe` is set for clients that send option 175. */
  readonly tag?: string;
  readonly unlessTag?: string;
}

/** Everything the DHCP agent makes for one network. Paths are the host's. */
export interface DhcpAgentPlan {
  readonly network: string;
  readonly namespace: string;
  readonly tap: Port & { readonly tag: number };
  /** The tap's addresses with their prefix lengths. */
  readonly addresses: readonly string[];
  readonly folder: string;
  readonly pidFile: string;
  readonly leaseFile: string;
  readonly logFile: string;
  readonly files: Readonly<Record<string, string>>;
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
    addresses: [`${network.subnet.dhcp.ip}/${prefixLength}`, `${ipv6Prefix}2/64`],
    folder,
    pidFile,
    leaseFile,
    logFile,
    files: {
      host: hostsFile(topology, network),
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
      '--dhcp-match=set:ipxe,175',
      // iPXE waits 13 s for an answer to its router solicitation, on a network without IPv6 too.
      '--enable-ra',
      `--dhcp-range=${ipv6Prefix},ra-only`,
      `--log-facility=${logFile}`,
    ],
  };
}

/** The known MACs of a network with their addresses, a line each; `set:` ties a port's options to it. */
function hostsFile(topology: Topology, network: Network): string {
  return [...topology.vms, ...topology.servers]
    .filter((node) => node.known && node.network === network.name)
    .map((node) => {
      const hostname = `host-${node.ip.replaceAll('.', '-')}.openstacklocal`;
      return `${node.mac},${hostname},${node.ip},set:${portId(topology.name, network.name, node.name)}\n`;
    })
    .join('');
}

/** The options of a network and those of its ports, by port id. */
export function optionsFile(
  network: Network,
  ports: Readonly<Record<string, readonly DhcpOption[]>>,
): string {
  const lines = [`tag:tag0,option:router,${network.subnet.gateway_ip}`];
  for (const [port, options] of Object.entries(ports)) {
    for (const { option, value, tag, unlessTag } of options) {
      const tags = [
        `tag:${port}`,
        ...(tag ? [`tag:${tag}`] : []),
        ...(unlessTag ? [`tag:!${unlessTag}`] : []),
      ];
      const named = /^(\d|encap:)/.test(option) ? option : `option:${option}`;
      lines.push(`${tags.join(',')},${named},${value}`);
    }
  }
  return lines.map((line) => `${line}\n`).join('');
}

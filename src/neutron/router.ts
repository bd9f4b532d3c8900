import type { Port } from '../ovs/bridges.ts';
import { gatewayPortId, portId, portInterface, portMac, routerId } from '../topology/ids.ts';
import { subnetOf } from '../topology/ipv4.ts';
import type { Router, Topology } from '../topology/schema.ts';

/** A port that a router's namespace holds. */
export interface RouterPort {
  readonly bridge: 'br-int' | 'br-ex';
  readonly port: Port;
  /** Address with prefix length. */
  readonly address: string;
}

/** Everything the L3 agent makes for one router. */
export interface RouterPlan {
  readonly name: string;
  readonly namespace: string;
  readonly ports: readonly RouterPort[];
  /** nft(8) input: SNAT of the tenant subnets, and the helper without which TFTP's data port is not translated. */
  readonly ruleset: string;
}

/** What Neutron's L3 agent would make: neutron/agent/l3_agent.py of juno-eol, with nftables for iptables. */
export function routerPlan(topology: Topology, router: Router): RouterPlan {
  const external = topology.external_network;
  // The topology's checks refuse a router where there is nothing beyond br-ex.
  if (!external) throw new TypeError(`router ${router.name} has no external network`);
  const networks = topology.networks.filter((network) => router.interfaces.includes(network.name));
  const gateway = gatewayPortId(topology.name, router.name);
  const outside = portInterface('qg-', gateway);
  const prefixLength = (cidr: string) => subnetOf(cidr).prefixLength;
  return {
    name: router.name,
    namespace: `qrouter-${routerId(topology.name, router.name)}`,
    ports: [
      ...networks.map((network): RouterPort => {
        const id = portId(topology.name, network.name, router.name);
        return {
          bridge: 'br-int',
          port: neutronPort(portInterface('qr-', id), id, network.local_vlan),
          address: `${network.subnet.gateway_ip}/${prefixLength(network.subnet.cidr)}`,
        };
      }),
      {
        bridge: 'br-ex',
        port: neutronPort(outside, gateway),
        address: `${router.external_ip}/${prefixLength(external.cidr)}`,
      },
    ],
    ruleset: snatRuleset(
      networks.map((network) => network.subnet.cidr),
      outside,
      router.external_ip,
    ),
  };
}

function neutronPort(name: string, id: string, tag?: number): Port {
  return {
    name,
    type: 'internal',
    mac: portMac(id),
    externalIds: { 'iface-id': id, 'attached-mac': portMac(id), 'iface-status': 'active' },
    ...(tag === undefined ? {} : { tag }),
  };
}

function snatRuleset(cidrs: readonly string[], outside: string, externalIp: string): string {
  return `table ip neutron {
  ct helper tftp { type "tftp" protocol udp; }
  chain helpers {
    type filter hook prerouting priority filter;
    udp dport 69 ct helper set "tftp"
  }
  chain postrouting {
    type nat hook postrouting priority srcnat;
    ip saddr { ${cidrs.join(', ')} } oifname "${outside}" snat to ${externalIp}
  }
}
`;
}

import { derivedUuid, dhcpPortId, networkId, portId, portMac, routerId } from '../../topology/ids.ts';
import type { Network, Topology } from '../../topology/schema.ts';
import type { CloudNetwork, CloudPort } from '../cloud.ts';

/** The networks of a topology as Neutron describes them. */
export function networksOf(topology: Topology): CloudNetwork[] {
  return topology.networks.map((network) => {
    const { provider } = network;
    return {
      id: networkId(topology.name, network.name),
      name: network.name,
      status: 'ACTIVE',
      admin_state_up: true,
      shared: true,
      'router:external': false,
      'provider:network_type': provider.network_type,
      'provider:physical_network': 'physical_network' in provider ? provider.physical_network : null,
      'provider:segmentation_id': 'segmentation_id' in provider ? provider.segmentation_id : null,
      subnets: [{ id: subnetId(topology, network), cidr: network.subnet.cidr }],
    };
  });
}

/** The ports on them: dnsmasq's, the routers', and those of all machines that DHCP knows. */
export function portsOf(topology: Topology): CloudPort[] {
  return topology.networks.flatMap((network) => {
    const port = (id: string, name: string, owner: string, mac: string, ip: string): CloudPort => ({
      id,
      name,
      network_id: networkId(topology.name, network.name),
      mac_address: mac,
      device_owner: owner,
      fixed_ips: [{ subnet_id: subnetId(topology, network), ip_address: ip }],
    });
    const dhcp = dhcpPortId(topology.name, network.name);
    const machines = [...topology.vms, ...topology.servers].filter(
      (machine) => machine.network === network.name && machine.known,
    );
    return [
      port(dhcp, '', 'network:dhcp', portMac(dhcp), network.subnet.dhcp.ip),
      ...topology.routers
        .filter(({ interfaces }) => interfaces.includes(network.name))
        .map((router) => {
          const id = portId(topology.name, network.name, router.name);
          const owner = `network:router_interface ${routerId(topology.name, router.name)}`;
          return port(id, '', owner, portMac(id), network.subnet.gateway_ip);
        }),
      ...machines.map((machine) =>
        port(
          portId(topology.name, network.name, machine.name),
          machine.name,
          'compute:None',
          machine.mac,
          machine.ip,
        ),
      ),
    ];
  });
}

function subnetId(topology: Topology, { name }: Network): string {
  return derivedUuid('subnet', topology.name, name);
}

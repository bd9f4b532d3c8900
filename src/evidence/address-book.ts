import type { LabPlan } from '../lab/plan.ts';
import { nodesOf } from '../topology/nodes.ts';
import type { Topology } from '../topology/schema.ts';

/** Somebody who has a MAC and an address in a lab. */
export interface Station {
  readonly name: string;
  readonly mac: string;
  readonly ip: string;
  /** The network that it is on; none beyond br-ex. */
  readonly network?: string;
  /** The point where its frames come in. */
  readonly point: string;
}

/** Who is who in a lab: servers, VMs, each network's dnsmasq, the routers' ports. */
export class AddressBook {
  readonly stations: readonly Station[];
  private readonly topology: Topology;

  constructor(topology: Topology, { devstack, rack }: LabPlan) {
    this.topology = topology;
    const pointOf = (name: string) =>
      [
        ...devstack.domains.map(({ name, nic }) => ({ name, point: `devstack/${nic.device}` })),
        ...rack.domains.map(({ name, nic }) => ({ name, point: `rack/${nic.device}` })),
        ...rack.standIns.map(({ server, device }) => ({ name: server.name, point: `rack/${device}` })),
        ...(rack.compute?.instances ?? []).map(({ instance, device }) => ({
          name: instance.name,
          point: `rack/${device}`,
        })),
      ].find((node) => node.name === name)?.point ?? '';
    const several = devstack.dhcpAgents.length > 1;
    this.stations = [
      ...nodesOf(topology).map(({ name, mac, ip, network }) => ({
        name,
        mac,
        ip,
        network,
        point: pointOf(name),
      })),
      ...devstack.dhcpAgents.map(({ network, tap }) => ({
        name: several ? `dnsmasq ${network}` : 'dnsmasq',
        mac: tap.mac ?? '',
        ip: topology.networks.find(({ name }) => name === network)?.subnet.dhcp.ip ?? '',
        network,
        point: `devstack/${tap.name}`,
      })),
      ...devstack.routers.flatMap(({ name, ports }) =>
        ports.map(({ port, address }) => {
          const ip = address.replace(/\/.*/, '');
          const network = topology.networks.find(({ subnet }) => subnet.gateway_ip === ip)?.name;
          return {
            name,
            mac: port.mac ?? '',
            ip,
            ...(network ? { network } : {}),
            point: `devstack/${port.name}`,
          };
        }),
      ),
    ];
  }

  /** Whoever has that name, MAC or address. */
  find(text: string): Station | undefined {
    const wanted = text.toLowerCase();
    return this.stations.find(({ name, mac, ip }) => [name, mac, ip].includes(wanted));
  }

  /** Whoever sends at a point. */
  at(point: string): Station | undefined {
    return this.stations.find((station) => station.point === point);
  }

  /** The one to whom a sender's frames for an address go: its owner on the same network, else the network's gateway. */
  nextHop(sender: Station, ip: string): Station | undefined {
    const direct = this.stations.find(
      (station) => station.ip === ip && station.network !== undefined && station.network === sender.network,
    );
    if (direct) return direct;
    const network = this.topology.networks.find(({ name }) => name === sender.network);
    return network && this.stations.find((station) => station.ip === network.subnet.gateway_ip);
  }
}

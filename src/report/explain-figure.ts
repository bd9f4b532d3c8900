import type { LabPlan } from '../lab/plan.ts';
import { physicalBridgeOf, physicalBridges } from '../neutron/integration.ts';
import { rackServers } from '../topology/nodes.ts';
import type { Network, Topology } from '../topology/schema.ts';
import { Canvas } from './canvas.ts';

/** Columns that the figure takes at most. */
const width = 98;
/** Where things stand: the legs of what hangs on br-int, and the edges of boxes. */
const columns = { brbm: 8, agent: 8, router: 34, crossing: 46, tunnel: 68, outside: 78 } as const;
const boxLeft = 4;

/**
 * The article's figure of one network, drawn with a lab's own names: who hangs on br-int, by which port and tag, how brbm
 * and the wire come to it, and what is in the rack.
 */
export function figure(topology: Topology, plan: LabPlan, network: Network): string[] {
  const canvas = new Canvas();
  const bottom = drawDevstack(canvas, topology, plan, network);
  drawRack(canvas, topology, plan, network, bottom);
  return canvas.lines();
}

/** @returns the row of devstack's lower edge */
function drawDevstack(canvas: Canvas, topology: Topology, plan: LabPlan, network: Network): number {
  const { devstack } = plan;
  const agent = devstack.dhcpAgents.find((it) => it.network === network.name);
  const router = topology.routers.find(({ interfaces }) => interfaces.includes(network.name));
  const planned = devstack.routers.find(({ name }) => name === router?.name);
  const physical = physicalBridgeOf(network, physicalBridges(topology));
  const localVlan = network.local_vlan;
  const tagged = `tag ${localVlan}`;

  // Above br-int: who has a port with the network's tag.
  canvas.box(
    boxLeft,
    2,
    columns.router - boxLeft - 6,
    ['dnsmasq', network.subnet.dhcp.ip],
    shortened(agent?.namespace),
  );
  leg(canvas, columns.agent, 5, 8, [agent?.tap.name ?? '', tagged]);
  if (router && planned) {
    const inside = planned.ports.find(({ address }) => address.startsWith(`${network.subnet.gateway_ip}/`));
    const outside = planned.ports.find(({ bridge }) => bridge === 'br-ex');
    const snat = `SNAT to ${router.external_ip}`;
    canvas.box(
      columns.router - 4,
      2,
      width - columns.router,
      [
        router.name,
        `${network.subnet.gateway_ip.padEnd(columns.outside - columns.router)}${router.external_ip}`,
      ],
      shortened(planned.namespace),
    );
    canvas.write(columns.router + 14, 3, snat);
    leg(canvas, columns.router, 5, 8, [inside?.port.name ?? '', tagged]);
    leg(canvas, columns.outside, 5, 8, [outside?.port.name ?? '']);
    const beyond = devstack.services.find(({ device }) => device === 'br-ex');
    canvas.box(columns.outside - 4, 8, 20, ['br-ex', ...(beyond ? [`${beyond.ip} TFTP`] : [])]);
  }
  canvas.box(boxLeft, 8, columns.outside - boxLeft - 6, [
    `br-int      inside it, this network is VLAN ${localVlan}`,
  ]);

  // Below it: the VMs' bridge and the wire's.
  const crossing = topology.interconnect === 'patch' ? 'patch ports' : 'a veth cable';
  const brbm = plan.devstack.bridges.find(({ name }) => name === 'brbm');
  if (brbm && topology.vms.some((vm) => vm.network === network.name)) {
    leg(canvas, columns.brbm, 10, 14, [`ovs-tap1, ${tagged}`, 'a veth cable', 'brbm-tap1']);
    canvas.box(boxLeft, 14, 34, ['brbm']);
    drawVms(
      canvas,
      topology.vms.filter((vm) => vm.network === network.name).map(({ name }) => name),
    );
  }
  leg(canvas, columns.crossing, 10, 14, [physical.intPort, crossing, physical.phyPort]);
  const tunnel = tunnelOfNetwork(plan, network);
  const own = devstack.services.find(({ device }) => device === physical.bridge);
  if (tunnel) {
    leg(canvas, columns.tunnel, 10, 14, ['patch-tun', 'patch ports', 'patch-int']);
    canvas.box(columns.tunnel - 3, 14, 30, [`br-tun with ${tunnel.port}`]);
    canvas.box(columns.crossing - 4, 14, 22, [cut(`${tunnel.bridge} ${tunnel.address}`, 18)]);
  } else {
    canvas.box(columns.crossing - 4, 14, 51, [
      own ? `${physical.bridge}, devstack's own ${own.ip}` : physical.bridge,
    ]);
  }
  leg(canvas, columns.crossing, 16, 19, [physical.wire]);
  canvas.box(0, 0, width, new Array<string>(18).fill(''), 'devstack');
  return 19;
}

/** Two legs below brbm. */
function drawVms(canvas: Canvas, names: readonly string[]): void {
  const shown = names.length > 2 ? [names[0] ?? '', `and ${names.length - 1} more`] : names;
  shown.forEach((name, index) => {
    const x = columns.brbm + index * 17;
    canvas.vertical(x, 16, 17);
    canvas.write(x - 2, 18, cut(name, 16));
  });
}

function drawRack(canvas: Canvas, topology: Topology, plan: LabPlan, network: Network, from: number): void {
  leg(canvas, columns.crossing, from, from + 4, [`the wire: ${onTheWire(network)}`]);
  canvas.box(boxLeft, from + 4, width - 2 * boxLeft, [`${plan.rack.switches[0].name}, an access switch`]);
  const { compute } = topology.tunnel ?? {};
  const instances = compute?.instances.filter((it) => it.network === network.name).map(({ name }) => name);
  const servers = [
    ...rackServers(topology).filter((server) => server.network === network.name),
    ...(compute && tunnelOfNetwork(plan, network)
      ? [{ name: compute.name, mac: ['with', ...(instances ?? [])].join(' ') }]
      : []),
  ];
  const room = 18;
  const shown = servers.slice(0, servers.length > 5 ? 4 : 5);
  shown.forEach((server, index) => {
    const x = columns.brbm + index * room;
    canvas.vertical(x, from + 6, from + 7);
    canvas.write(x - 2, from + 8, cut(server.name, room - 1));
    canvas.write(x - 2, from + 9, server.mac);
  });
  const more = servers.length - shown.length;
  if (more > 0) canvas.write(columns.brbm + shown.length * room, from + 8, `and ${more} more`);
  canvas.box(0, from + 2, width, new Array<string>(7).fill(''), 'rack');
}

/** What a network's frames are like on the wire that its servers are on. */
function onTheWire({ provider }: Network): string {
  switch (provider.network_type) {
    case 'flat':
      return 'frames of this network carry no tag';
    case 'vlan':
      return `frames of this network carry tag ${provider.segmentation_id}`;
    case 'gre':
    case 'vxlan':
      return `frames of this network only in ${provider.network_type.toUpperCase()} ${provider.segmentation_id}`;
    case 'local':
      return 'no frame of this network';
  }
}

/** The tunnel that a network's frames leave by, and the bridge with its endpoint. */
function tunnelOfNetwork(
  { devstack }: LabPlan,
  { provider }: Network,
): { readonly port: string; readonly bridge: string; readonly address: string } | undefined {
  const ports = devstack.bridges.flatMap((bridge) => bridge.ports);
  const port = ports.find(({ type }) => type === provider.network_type)?.name;
  const { tunnelEndpoint: end } = devstack;
  return port && end ? { port, bridge: end.device, address: end.address.replace(/\/.*/, '') } : undefined;
}

/** A line between two boxes with its names beside it. */
function leg(canvas: Canvas, x: number, from: number, to: number, names: readonly string[]): void {
  canvas.vertical(x, from, to);
  names.forEach((name, index) => {
    canvas.write(x + 2, from + 1 + index, name);
  });
}

/** Namespaces are named after ids, which their beginnings tell apart. */
function shortened(namespace = ''): string {
  return namespace.replace(/-([0-9a-f]{8})-.*/, '-$1…');
}

function cut(name: string, room: number): string {
  return name.length <= room ? name : `${name.slice(0, room - 1)}…`;
}

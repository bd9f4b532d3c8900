import type { LabPlan } from '../../lab/plan.ts';

/** All figures are so wide, in the units that their text is 11 high. */
export const figureWidth = 480;

const edge = 16;
const rows = { boxes: 34, integration: 142, bridges: 250, vms: 330, devstackEnd: 378 } as const;
const barHeight = 30;
const boxHeight = 42;
/** Boxes at the top that have room beside each other; a router takes two. */
const mostSlots = 4;
const mostMachines = 4;
/** What a letter is wide on an average, in wide fonts. */
const letter = 6.2;

/** A box with one or two lines of text: a program, a machine. */
export interface Box {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
  readonly title: string;
  readonly text?: string;
}

/** A bridge, or the rack's switch: a bar, at which lines end from above and below. */
export interface Bar extends Box {
  /** `host/bridge` */
  readonly point: string;
}

/** A cable, from bar to bar or box. */
export interface Line {
  readonly x: number;
  readonly from: number;
  readonly to: number;
  /** What is written beside it, where no hop is. */
  readonly names: readonly { readonly point: string; readonly text: string; readonly y: number }[];
}

/** Where a point is: on a line, or anywhere in a bar. */
export type Place =
  | { readonly kind: 'port'; readonly x: number; readonly y: number }
  | { readonly kind: 'bar'; readonly bar: Bar };

/** The article's figure as boxes and lines, drawn for one topology. */
export interface FigureLayout {
  readonly height: number;
  readonly hosts: readonly Box[];
  readonly boxes: readonly Box[];
  readonly bars: readonly Bar[];
  readonly lines: readonly Line[];
  readonly places: ReadonlyMap<string, Place>;
  /** Routers: what comes in at one of their ports crosses them at this height. */
  readonly routers: readonly { readonly points: readonly string[]; readonly y: number }[];
}

/**
 * Lays out a lab: what hangs on br-int above it, the other bridges below, VMs and the wire, the rack.
 *
 * @param wanted points that are to be seen, where there is no room for all
 */
export function figureLayout(plan: LabPlan, wanted: ReadonlySet<string>): FigureLayout {
  const layout = new Layout(plan, wanted);
  layout.top();
  layout.bridges();
  layout.rack();
  return layout;
}

class Layout implements FigureLayout {
  height = 0;
  readonly hosts: Box[] = [];
  readonly boxes: Box[] = [];
  readonly bars: Bar[] = [];
  readonly lines: Line[] = [];
  readonly places = new Map<string, Place>();
  readonly routers: { readonly points: readonly string[]; readonly y: number }[] = [];
  private readonly plan: LabPlan;
  private readonly wanted: ReadonlySet<string>;
  /** The wires: where each leaves devstack. */
  private readonly wireAt = new Map<string, number>();

  constructor(plan: LabPlan, wanted: ReadonlySet<string>) {
    this.plan = plan;
    this.wanted = wanted;
  }

  /** Networks' dnsmasq and routers, and below them br-int and br-ex. */
  top(): void {
    const { dhcpAgents, routers } = this.plan.devstack;
    const agents = this.most(dhcpAgents, ({ tap }) => [`devstack/${tap.name}`], mostSlots);
    const shown = this.most(
      routers,
      ({ ports }) => ports.map(({ port }) => `devstack/${port.name}`),
      Math.max(0, Math.floor((mostSlots - agents.length) / 2)),
    );
    const slot = (figureWidth - 2 * edge) / Math.max(agents.length + 2 * shown.length, 2);
    const outsideWidth = shown.length > 0 ? 130 : 0;
    let x = edge;
    for (const agent of agents) {
      const title = dhcpAgents.length > 1 ? `dnsmasq ${agent.network}` : 'dnsmasq';
      const [ip = ''] = agent.address.split('/');
      this.box(x, slot - 12, title, ip);
      this.leg(x + 22, rows.boxes + boxHeight, rows.integration, [agent.tap.name]);
      x += slot;
    }
    for (const router of shown) {
      this.box(x, 2 * slot, `${router.name}, SNAT`);
      const inside = router.ports.filter(({ bridge }) => bridge === 'br-int');
      const outside = router.ports.filter(({ bridge }) => bridge !== 'br-int');
      inside.forEach(({ port }, index) => {
        this.leg(x + 22 + index * 40, rows.boxes + boxHeight, rows.integration, [port.name]);
      });
      for (const { port } of outside) {
        const at = figureWidth - edge - outsideWidth + 16 + 40 * this.routers.length;
        this.leg(at, rows.boxes + boxHeight, rows.integration, [port.name]);
      }
      const points = router.ports.map(({ port }) => `devstack/${port.name}`);
      this.routers.push({ points, y: rows.boxes + boxHeight - 11 });
      x += 2 * slot;
    }
    if (outsideWidth > 0) {
      this.bar('devstack/br-ex', figureWidth - edge - outsideWidth, rows.integration, outsideWidth);
    }
    const gap = outsideWidth > 0 ? 12 : 0;
    this.bar('devstack/br-int', edge, rows.integration, figureWidth - 2 * edge - outsideWidth - gap);
  }

  /** The other bridges, each with its crossing to br-int, brbm with its VMs first. */
  bridges(): void {
    const { bridges, domains } = this.plan.devstack;
    const vms = domains.filter(({ nic }) => nic.bridge === 'brbm');
    const isShown = (name: string) =>
      !['br-int', 'br-ex'].includes(name) && (name !== 'brbm' || vms.length > 0);
    const others = bridges.filter(({ name }) => isShown(name));
    const ordered = [...others].sort((a, b) => Number(b.name === 'brbm') - Number(a.name === 'brbm'));
    // The VMs' names need room.
    const shares = ordered.map(({ name }) => (name === 'brbm' ? 1.1 : 1));
    const share =
      (figureWidth - 2 * edge - 12 * (ordered.length - 1)) / shares.reduce((sum, it) => sum + it, 0);
    let x = edge;
    ordered.forEach(({ name, ports }, index) => {
      const width = share * (shares[index] ?? 1);
      this.bar(`devstack/${name}`, x, rows.bridges, width);
      const crossing = this.crossingOf(ports.map((port) => port.name));
      // Not above a VM: the two would look like one cable.
      if (crossing)
        this.leg(x + (name === 'brbm' ? 84 : 14), rows.integration + barHeight, rows.bridges, crossing);
      for (const { devstackDevice } of this.plan.wires) {
        if (ports.some((port) => port.name === devstackDevice)) this.wireAt.set(devstackDevice, x + 14);
      }
      if (name === 'brbm') {
        const machines = vms.map((vm) => ({ name: vm.name, point: `devstack/${vm.nic.device}` }));
        this.machines(machines, x, width, rows.vms);
      }
      x += width + 12;
    });
    this.hosts.push({ x: 0, y: 8, width: figureWidth, height: rows.devstackEnd - 8, title: 'devstack' });
  }

  /** The wires, the switches, and the servers on each. */
  rack(): void {
    const from = rows.devstackEnd + 34;
    const bar = from + 28;
    const boxes = bar + barHeight + 50;
    const { rack, wires } = this.plan;
    const { compute } = rack;
    const servers = rack.switches.map(({ name }) => {
      const ports = rack.ports.filter((port) => port.switch === name).map(({ device }) => device);
      const own = compute?.switch === name ? [{ name: compute.name, point: `rack/${compute.device}` }] : [];
      return [...own, ...ports.map((device) => ({ name: this.serverAt(device), point: `rack/${device}` }))];
    });
    const gaps = 12 * (rack.switches.length - 1);
    const share =
      (figureWidth - 2 * edge - gaps) / servers.reduce((sum, all) => sum + shareOf(all.length), 0);
    let x = edge;
    rack.switches.forEach(({ name, wire }, index) => {
      const own = servers[index] ?? [];
      const width = share * shareOf(own.length);
      this.bar(`rack/${name}`, x, bar, width);
      for (const { devstackDevice, rackDevice } of wires.filter((it) => it.rackDevice === wire)) {
        this.wire(devstackDevice, rackDevice, x, { from, bar });
      }
      this.machines(own, x, width, boxes);
      x += width + 12;
    });
    const instances = (compute?.instances ?? []).map(({ device }) => device);
    instances.slice(0, mostMachines).forEach((device, index) => {
      const at = edge + index * 112;
      this.boxes.push({ x: at, y: boxes + 80, width: 104, height: 30, title: cut(device, 90) });
      const names = [{ point: `rack/${device}`, text: '', y: boxes + 55 }];
      this.line(at + 22, boxes + 30, boxes + 80, names);
    });
    this.height = boxes + 30 + 14 + (instances.length > 0 ? 80 : 0);
    this.hosts.push({ x: 0, y: from, width: figureWidth, height: this.height - from, title: 'rack' });
  }

  /** A wire goes straight down, and aside above its switch if that is elsewhere. */
  private wire(
    devstackDevice: string,
    rackDevice: string,
    left: number,
    { from, bar }: { readonly from: number; readonly bar: number },
  ): void {
    const at = this.wireAt.get(devstackDevice) ?? left + 14;
    const start = rows.bridges + barHeight;
    const own = this.bars.at(-1);
    const isAbove = own && at > own.x + 8 && at < own.x + own.width - 8;
    const to = isAbove ? at : left + 14;
    this.line(at, start, isAbove ? bar : from - 8, [
      { point: `devstack/${devstackDevice}`, text: `${devstackDevice}, the wire`, y: start + 48 },
    ]);
    if (!isAbove) this.line(to, from - 8, bar, []);
    this.places.set(`rack/${rackDevice}`, { kind: 'port', x: to, y: from + 12 });
  }

  private serverAt(device: string): string {
    const { standIns, domains } = this.plan.rack;
    const standIn = standIns.find((it) => it.device === device)?.server.name;
    return standIn ?? domains.find(({ nic }) => nic.device === device)?.name ?? device;
  }

  private machines(
    all: readonly { readonly name: string; readonly point: string }[],
    x: number,
    width: number,
    y: number,
  ): void {
    const room = Math.max(1, Math.min(mostMachines, Math.floor(width / 100)));
    const shown = this.most(all, ({ point }) => [point], room);
    const slot = width / Math.max(shown.length, Math.min(2, room));
    shown.forEach(({ name, point }, index) => {
      const more = index === shown.length - 1 ? all.length - shown.length : 0;
      const box = { x: x + index * slot, y, width: slot - 6, height: 30 };
      const end = more > 0 ? ` +${more}` : '';
      this.boxes.push({ ...box, title: `${cut(name, box.width - 14 - end.length * letter)}${end}` });
      const above = this.bars.findLast((bar) => bar.y < y)?.y ?? 0;
      this.line(x + index * slot + 22, above + barHeight, y, [
        { point, text: '', y: (above + barHeight + y) / 2 },
      ]);
    });
  }

  /** Those that are wanted and as many of the others as there is room for, in their order. */
  private most<T>(all: readonly T[], pointsOf: (item: T) => readonly string[], room: number): T[] {
    if (all.length <= room) return [...all];
    const isWanted = (item: T) => pointsOf(item).some((point) => this.wanted.has(point));
    const chosen = new Set([...all.filter(isWanted), ...all].slice(0, room));
    return all.filter((item) => chosen.has(item));
  }

  /** The port of br-int that leads to one of these, and that one: the ends of a patch or a cable. */
  private crossingOf(ports: readonly string[]): [string, string] | undefined {
    const { bridges, veths } = this.plan.devstack;
    const patches = bridges
      .filter(({ name }) => name === 'br-int')
      .flatMap((bridge) => bridge.ports.flatMap(({ name, peer }) => (peer ? [[name, peer] as const] : [])));
    const cables = veths.flatMap(({ a, b }) => [[a, b] as const, [b, a] as const]);
    const found = [...patches, ...cables].find(([, peer]) => ports.includes(peer));
    return found && [found[0], found[1]];
  }

  private box(x: number, width: number, title: string, text?: string): void {
    const told = { title: cut(title, width - 20), ...(text === undefined ? {} : { text }) };
    this.boxes.push({ x, y: rows.boxes, width, height: boxHeight, ...told });
  }

  private bar(point: string, x: number, y: number, width: number): void {
    const title = cut(point.slice(point.indexOf('/') + 1), width - 16);
    const bar = { point, x, y, width, height: barHeight, title };
    this.bars.push(bar);
    this.places.set(point, { kind: 'bar', bar });
  }

  /** A line with ports at even distances. */
  private leg(x: number, from: number, to: number, devices: readonly string[]): void {
    const step = (to - from) / (devices.length + 1);
    const names = devices.map((device, index) => ({
      point: `devstack/${device}`,
      text: device,
      y: from + step * (index + 1),
    }));
    this.line(x, from, to, names);
  }

  private line(x: number, from: number, to: number, names: Line['names']): void {
    this.lines.push({ x, from, to, names });
    for (const { point, y } of names) this.places.set(point, { kind: 'port', x, y });
  }
}

/** A switch takes room for two machines at least. */
function shareOf(machines: number): number {
  return Math.max(2, Math.min(mostMachines, machines));
}

/** The middle is left out of a name that is too long: machines are numbered at the end. */
function cut(text: string, room: number): string {
  const most = Math.max(3, Math.floor(room / letter));
  if (text.length <= most) return text;
  const end = Math.floor((most - 1) / 2);
  return `${text.slice(0, most - 1 - end)}…${text.slice(-end)}`;
}

import { existsSync, readFileSync } from 'node:fs';
import { run } from './process.ts';

/** An address in the output of `ip -j address`. */
interface FoundAddress {
  readonly family?: 'inet' | 'inet6';
  readonly local?: string;
  /** The peer's, of a point-to-point link. */
  readonly address?: string;
  readonly prefixlen?: number;
  readonly broadcast?: string;
  readonly scope?: string;
  readonly label?: string;
  readonly metric?: number;
  readonly noprefixroute?: boolean;
  readonly temporary?: boolean;
  readonly valid_life_time?: number;
  readonly preferred_life_time?: number;
}

/** A network device in the output of `ip -j -d address`. */
export interface NetworkLink {
  readonly ifname: string;
  readonly address?: string;
  /** Where the MAC was changed: the NIC's own. */
  readonly permaddr?: string;
  readonly mtu: number;
  readonly flags: readonly string[];
  readonly link_type?: string;
  /** The bridge or bond that it is a port of. */
  readonly master?: string;
  /** What it is made of: the NIC under a VLAN device; of a veth its other end. */
  readonly link?: string | null;
  readonly linkinfo?: { readonly info_kind?: string };
  readonly addr_info?: readonly FoundAddress[];
}

/** What a machine's network is made of, and what of it the machine and its user need. */
export interface MachineNetwork {
  readonly links: readonly NetworkLink[];
  /** The devices that default routes, of IPv4 or IPv6, go through. */
  readonly defaultRoutes: readonly string[];
  /** The device that an SSH session of this process comes in by. */
  readonly ssh: string | null;
  readonly wireless: readonly string[];
}

/** What `ip -4` or `ip -6` is to be told. */
interface FamilyWords {
  readonly family: '-4' | '-6';
  readonly words: string;
}

/** All that is to be given back of a NIC. */
export interface NicState {
  readonly name: string;
  /** The NIC's own MAC, by which it is found again; where it was changed, the changed one beside it. */
  readonly hardwareAddress: string;
  readonly mac: string;
  /** What sort of virtual device it is; null for hardware. */
  readonly kind: string | null;
  readonly mtu: number;
  readonly up: boolean;
  readonly promiscuous: boolean;
  readonly addresses: readonly FamilyWords[];
  readonly routes: readonly FamilyWords[];
  /** ethtool's words for what puts received frames together, where that is on. */
  readonly offloads: readonly string[];
}

const ip = async (...words: string[]) => (await run(['ip', ...words])).stdout;

/** Looks at the network that this process is on. Sends nothing. */
export async function readMachineNetwork(): Promise<MachineNetwork> {
  const [links, ...defaults] = await Promise.all([
    readLinks(),
    ...['-4', '-6'].map((family) => ip('-j', family, 'route', 'show', 'table', 'all', 'default')),
  ]);
  const routes = defaults.flatMap((text) => JSON.parse(text || '[]') as FoundRoute[]);
  return {
    links,
    defaultRoutes: [...new Set(routes.flatMap(devicesOf))],
    ssh: await sshDevice(links),
    wireless: links
      .map(({ ifname }) => ifname)
      .filter((name) =>
        ['phy80211', 'wireless'].some((entry) => existsSync(`/sys/class/net/${name}/${entry}`)),
      ),
  };
}

export async function readLinks(): Promise<NetworkLink[]> {
  const all = JSON.parse(await ip('-j', '-d', 'address', 'show')) as NetworkLink[];
  return all.filter(({ ifname }) => ifname !== undefined);
}

interface FoundRoute {
  readonly dev?: string;
  readonly nexthops?: readonly { readonly dev?: string }[];
}

function devicesOf({ dev, nexthops = [] }: FoundRoute): string[] {
  return [dev ?? [], ...nexthops.map((hop) => hop.dev ?? [])].flat();
}

/** The device that has the local address of the SSH session, or else leads to its other end. */
async function sshDevice(links: readonly NetworkLink[]): Promise<string | null> {
  const [peer, , local] = (sshConnection() ?? '').split(' ');
  const owner = links.find(({ addr_info = [] }) => addr_info.some((it) => it.local === local));
  if (owner && owner.link_type !== 'loopback') return owner.ifname;
  if (!peer) return null;
  const { stdout } = await run(['ip', '-j', 'route', 'get', peer.replace(/%.*/, '')], { accept: [0, 1, 2] });
  const [route] = JSON.parse(stdout || '[]') as FoundRoute[];
  return route?.dev ?? null;
}

/** sudo(8) takes the variable away: then that of the shell it was typed in counts. */
function sshConnection(): string | undefined {
  let pid = process.pid;
  try {
    while (pid > 1) {
      const environment = readFileSync(`/proc/${pid}/environ`, 'utf8').split('\0');
      const found = environment.find((entry) => entry.startsWith('SSH_CONNECTION='));
      if (found) return found.slice('SSH_CONNECTION='.length);
      const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
      pid = Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]);
    }
  } catch {
    // What cannot be read is another user's, beyond which there is no shell of this one.
  }
  return undefined;
}

/** What of a NIC will have to be given back. */
export async function nicState(link: NetworkLink): Promise<NicState> {
  const { ifname: name, address: mac = '', permaddr, mtu, flags, linkinfo, addr_info = [] } = link;
  const [four, six, features] = await Promise.all([
    ip('-4', 'route', 'show', 'table', 'all', 'dev', name),
    ip('-6', 'route', 'show', 'table', 'all', 'dev', name),
    run(['ethtool', '-k', name], { accept: [0, 1, 76] }),
  ]);
  return {
    name,
    hardwareAddress: permaddr ?? mac,
    mac,
    kind: linkinfo?.info_kind ?? null,
    mtu,
    up: flags.includes('UP'),
    promiscuous: flags.includes('PROMISC'),
    addresses: addr_info
      .filter((it) => !it.temporary)
      .map((it) => ({ family: it.family === 'inet6' ? '-6' : '-4', words: addressWords(name, it) })),
    routes: [
      ...routesIn(four).map((words) => ({ family: '-4' as const, words })),
      ...routesIn(six).map((words) => ({ family: '-6' as const, words })),
    ],
    offloads: receiveOffloads.filter((feature) => features.stdout.includes(`${feature}: on\n`)),
  };
}

/** Open vSwitch's userspace datapath takes no frame that is longer than the MTU. */
const receiveOffloads = ['generic-receive-offload', 'large-receive-offload', 'rx-gro-hw'];

/** What ip(8) has for a lifetime without end, in s. */
const forever = 4_294_967_295;

/** An address as the words of `ip address replace`. */
export function addressWords(device: string, found: FoundAddress): string {
  const { local = '', prefixlen = 0, address, broadcast, scope, label, metric, family } = found;
  const { valid_life_time: valid = forever, preferred_life_time: preferred = forever } = found;
  return [
    ...(address ? [local, 'peer', `${address}/${prefixlen}`] : [`${local}/${prefixlen}`]),
    ...(broadcast ? ['broadcast', broadcast] : []),
    ...(family === 'inet' && scope ? ['scope', scope] : []),
    ...(label && label !== device ? ['label', label] : []),
    ...(metric === undefined ? [] : ['metric', String(metric)]),
    ...(valid === forever ? [] : ['valid_lft', String(valid), 'preferred_lft', String(preferred)]),
    ...(found.noprefixroute ? ['noprefixroute'] : []),
    // Nobody can have taken it meanwhile who would not have met it before.
    ...(family === 'inet6' ? ['nodad'] : []),
  ].join(' ');
}

/**
 * The routes in the output of `ip route show table all dev NIC`, as words of `ip route replace`: without those that come
 * with the addresses, those to neighbours before those by way of them.
 */
export function routesIn(text: string): string[] {
  const lines = text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '' && !/^(local|broadcast|anycast|multicast|nexthop)\b/.test(line))
    .map((line) =>
      line
        .replaceAll(/ (linkdown|dead|offload|trap|rt_offload|rt_trap)(?= |$)/g, '')
        .replace(/ expires (\d+)sec/, ' expires $1'),
    );
  const isVia = (line: string) => / via /.test(line);
  return [...lines.filter((line) => !isVia(line)), ...lines.filter(isVia)];
}

/** The link that a NIC is now, whatever its name has become; undefined while it is not there. */
export function findNic(
  links: readonly NetworkLink[],
  { name, kind, hardwareAddress }: NicState,
): NetworkLink | undefined {
  const same = links.filter(
    (link) =>
      (link.linkinfo?.info_kind ?? null) === kind && (link.permaddr ?? link.address) === hardwareAddress,
  );
  return same.find(({ ifname }) => ifname === name) ?? same.find(({ master }) => master === undefined);
}

/**
 * Makes a NIC what it was: name, MAC, MTU, then addresses and routes. Harmless for one that is.
 *
 * @returns what the kernel did not take, in its own words
 * @throws LabError `lab-failed` when it cannot have its name or MTU
 */
export async function restoreNic(link: NetworkLink, state: NicState): Promise<string> {
  const { name } = state;
  const batch = (lines: readonly string[]) => `${lines.join('\n')}\n`;
  const renamed = link.ifname !== name || link.address !== state.mac;
  await run(['ip', '-batch', '-'], {
    input: batch([
      ...(renamed ? [`link set dev ${link.ifname} down`] : []),
      ...(link.ifname === name ? [] : [`link set dev ${link.ifname} name ${name}`]),
      ...(link.address === state.mac ? [] : [`link set dev ${name} address ${state.mac}`]),
      ...(link.mtu === state.mtu ? [] : [`link set dev ${name} mtu ${state.mtu}`]),
      // Open vSwitch leaves it on.
      `link set dev ${name} promisc ${state.promiscuous ? 'on' : 'off'}`,
      ...(state.up ? [`link set dev ${name} up`] : []),
    ]),
  });
  const refused: string[] = [];
  for (const family of ['-4', '-6'] as const) {
    const own = (all: readonly FamilyWords[]) => all.filter((it) => it.family === family);
    const { stderr } = await run(['ip', family, '-force', '-batch', '-'], {
      accept: [0, 1, 2],
      input: batch([
        ...own(state.addresses).map(({ words }) => `address replace ${words} dev ${name}`),
        ...own(state.routes).map(({ words }) => `route replace ${words} dev ${name}`),
      ]),
    });
    const lines = stderr.split('\n').map((line) => line.trim());
    refused.push(...lines.filter((line) => line !== '' && !line.startsWith('Command failed')));
  }
  for (const feature of state.offloads) {
    await run(['ethtool', '-K', name, feature, 'on'], { accept: [0, 1, 76, 92, 95] });
  }
  return refused.join('; ');
}

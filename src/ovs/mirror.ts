import { randomBytes, randomInt } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import type { Host } from '../linux/host.ts';
import { intoBridge } from './add-port.ts';
import { createPort, named, uuidName } from './bridges.ts';
import { membersOf, type OvsdbOperation, type OvsdbResult, type OvsdbRow, ovsdbSet } from './ovsdb.ts';
import { openOvsdb, reconfigure } from './vswitch.ts';

/** A place in Open vSwitch that is no network device, but at which frames can be seen. */
export type MirroredPlace =
  /**
   * Inside a bridge: each frame once, with the VLAN that it has there. Frames of the `translating` ports, to which the
   * bridge's rules give another VLAN, are mirrored when they go out, for when they come in they are not yet inside; one
   * that the rules drop does not appear.
   */
  | { readonly kind: 'bridge'; readonly bridge: string; readonly translating: readonly string[] }
  /** What comes into a bridge by a patch port, as it is before the bridge's rules. */
  | { readonly kind: 'entry'; readonly bridge: string; readonly port: string };

/** A port that shows a place as long as it is there. */
export interface MirrorPort {
  readonly device: string;
  readonly place: MirroredPlace;
  /** Marks the rules that belong to it. */
  readonly cookie: string;
}

const prefix = 'mirror-';
/** Its bits say by which captures a frame has been copied; no agent uses it. */
export const copiedRegister = 'NXM_NX_REG15';

/** The port to be made for a place; each call answers another. */
export function mirrorPort(place: MirroredPlace): MirrorPort {
  const unique = randomBytes(4).toString('hex');
  return { device: `${prefix}${unique}`, place, cookie: `0x${unique}` };
}

/** Adds mirror ports to a host's Open vSwitch, all in one transaction; they still are to be started. */
export async function addMirrorPorts(host: Host, ports: readonly MirrorPort[]): Promise<void> {
  if (ports.length === 0) return;
  const ovsdb = await openOvsdb(host);
  try {
    const found = await ovsdb.transact([
      { op: 'select', table: 'Bridge', where: [], columns: ['name', 'ports'] },
      { op: 'select', table: 'Port', where: [], columns: ['_uuid', 'name'] },
    ]);
    await reconfigure(
      ovsdb,
      ports.flatMap((port) => additionOf(port, found)),
    );
  } finally {
    ovsdb.close();
  }
}

/** ovs-vswitchd.conf.db(5), table Mirror: nothing but what is mirrored is put out at the output port of a mirror. */
function additionOf({ device, place }: MirrorPort, found: readonly OvsdbResult[]): OvsdbOperation[] {
  return [
    ...createPort({ name: device, type: 'internal' }),
    {
      op: 'insert',
      table: 'Mirror',
      'uuid-name': uuidName(`mirror ${device}`),
      row: { name: device, output_port: named(`port ${device}`), ...selectionOf(place, found) },
    },
    intoBridge(place.bridge, 'ports', named(`port ${device}`)),
    intoBridge(place.bridge, 'mirrors', named(`mirror ${device}`)),
  ];
}

function selectionOf(place: MirroredPlace, [bridges, ports]: readonly OvsdbResult[]): OvsdbRow {
  // Open vSwitch mirrors nothing that comes from a patch port: a rule of the bridge copies it.
  if (place.kind === 'entry') return {};
  const named = (test: (name: string) => boolean) =>
    (ports?.rows ?? []).flatMap(({ _uuid, name }) => (test(String(name)) ? [_uuid] : []));
  const isOneOf = (some: readonly unknown[]) => (port: unknown) =>
    some.some((uuid) => isDeepStrictEqual(uuid, port));
  const ofOtherCaptures = isOneOf(named((name) => name.startsWith(prefix)));
  const translating = isOneOf(named((name) => place.translating.includes(name)));
  const own = bridges?.rows?.find(({ name }) => name === place.bridge);
  const all = membersOf(own?.ports).filter((port) => !ofOtherCaptures(port));
  return {
    select_src_port: ovsdbSet(all.filter((port) => !translating(port))),
    select_dst_port: ovsdbSet(all),
  };
}

/** The shell commands that start ports which were added. */
export function mirrorStart(ports: readonly MirrorPort[]): string[] {
  const starts = ports.flatMap(({ device, place, cookie }) => [
    // The host must not speak on it.
    `echo 1 > /proc/sys/net/ipv6/conf/${device}/disable_ipv6`,
    `ip link set ${device} up`,
    ...(place.kind === 'entry'
      ? [
          `ovs-ofctl -O OpenFlow13 add-flow ${place.bridge} ${quoted(copyingRule(place.port, device, cookie))}`,
        ]
      : []),
  ]);
  // Flows in the cache of the datapath do not know of mirrors and rules that have just been made.
  return ports.length > 0 ? [...starts, 'ovs-appctl revalidator/purge'] : [];
}

/**
 * A rule in front of all others that copies what comes from a port and starts again. A bit of a register, which is zero in
 * each frame that enters a bridge, says that it has been copied; each capture has its own bit. The other rules see the
 * frame as ever, and count it as ever.
 */
function copyingRule(port: string, device: string, cookie: string): string {
  const bit = randomInt(32);
  return [
    `cookie=${cookie},table=0,priority=65535,in_port=${port},reg15=0/0x${(2 ** bit).toString(16)}`,
    `actions=output:${device},load:1->${copiedRegister}[${bit}],resubmit(,0)`,
  ].join(',');
}

/** The shell commands that remove ports with their mirrors and rules, however far their making came. */
export function mirrorRemoval(ports: readonly MirrorPort[]): string[] {
  if (ports.length === 0) return [];
  const rules = ports
    .filter(({ place }) => place.kind === 'entry')
    .map(({ place, cookie }) => `ovs-ofctl -O OpenFlow13 del-flows ${place.bridge} cookie=${cookie}/-1`);
  const each = ports.map(
    ({ device, place: { bridge } }) =>
      `-- --id=@${device} get mirror ${device} -- remove bridge ${bridge} mirrors @${device} -- --if-exists del-port ${device}`,
  );
  // One transaction, which fails when any is missing.
  return [...rules, `ovs-vsctl ${each.join(' ')} || { ${each.map((one) => `ovs-vsctl ${one};`).join(' ')} }`];
}

function quoted(text: string): string {
  return `'${text}'`;
}

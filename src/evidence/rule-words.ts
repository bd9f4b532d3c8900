import type { Flow } from '../ovs/flow.ts';
import { copiedRegister } from '../ovs/mirror.ts';

/** What VLAN ids mean in a lab. */
export interface VlanMeanings {
  /** Ids that networks have inside br-int. */
  readonly local: ReadonlySet<number>;
  /** Ids that VLAN networks have on the wire. */
  readonly segments: ReadonlySet<number>;
}

type Rule = Pick<Flow, 'table' | 'priority' | 'match'>;

/**
 * What a rule does, in a sentence without its subject: `gives it local VLAN 2 and switches it`.
 *
 * @param actions ovs-actions(7), or the lines of ofproto/trace with its remarks
 * @param others all rules of the bridge, which tell what a rule that drops leaves to others
 */
export function ruleDeed(
  rule: Rule,
  actions: readonly string[],
  others: readonly Flow[],
  vlans: VlanMeanings,
): string {
  const remarks = actions.filter((action) => /^(->|>>)/.test(action));
  const deeds: string[] = [];
  let pushed = false;
  for (const action of actions) {
    if (remarks.includes(action)) continue;
    if (action.startsWith('push_vlan')) pushed = true;
    else deeds.push(deedOf(action, rule, { pushed, remarks, others, vlans }));
  }
  return deeds.filter((deed) => deed !== '').join(' and ') || 'does nothing with it';
}

interface Context {
  readonly pushed: boolean;
  readonly remarks: readonly string[];
  readonly others: readonly Flow[];
  readonly vlans: VlanMeanings;
}

function deedOf(action: string, rule: Rule, context: Context): string {
  const vlan = /^mod_vlan_vid:(\d+)$/.exec(action)?.[1] ?? newVlan(action);
  if (vlan !== undefined) return vlanDeed(Number(vlan), rule, context);
  if (action === 'drop') return `drops it: ${dropReason(rule, context)}`;
  if (action === 'NORMAL') return normalDeed(context.remarks);
  if (action === 'strip_vlan' || action === 'pop_vlan') return 'takes its tag off';
  if (action === 'load:0->NXM_OF_VLAN_TCI[]') return 'takes its tag off';
  if (action.startsWith('learn(')) return 'learns by which tunnel its sender is reached';
  const key = tunnelKey(action);
  if (key !== undefined) return `gives it key ${key}`;
  const table = /^(?:goto_table:|resubmit\(,)(\d+)/.exec(action)?.[1];
  if (table !== undefined) return `goes on in table ${table}`;
  const port = /^output:(.*)$/.exec(action)?.[1];
  if (port === undefined) return action;
  const name = port.replaceAll('"', '');
  return /^(gre|vxlan)-[0-9a-f]{8}$/.test(name)
    ? `sends it into the tunnel ${name}`
    : `puts it out at ${name}`;
}

/** The key for a tunnel that an action sets: Juno's words, Nicira's, OpenFlow 1.3's. */
function tunnelKey(action: string): number | undefined {
  const value =
    /^set_tunnel(?:64)?:(\w+)$/.exec(action)?.[1] ??
    /^load:(\w+)->NXM_NX_TUN_ID\[\]$/.exec(action)?.[1] ??
    /^set_field:(\w+)->tun_id$/.exec(action)?.[1];
  return value === undefined ? undefined : Number(value);
}

/** OpenFlow 1.3 sets a bit of vlan_vid for "there is a tag". */
function newVlan(action: string): number | undefined {
  const value = /^set_field:(\d+)->vlan_vid$/.exec(action)?.[1];
  return value === undefined ? undefined : Number(value) & 0xfff;
}

function vlanDeed(vlan: number, { match }: Rule, { pushed, vlans }: Context): string {
  const from = matchedVlan(match);
  if (pushed || from === null || from === undefined) return `gives it ${vlanName(vlan, vlans)}`;
  return `translates ${vlanName(from, vlans)} to ${vlanName(vlan, vlans)}`;
}

/** `local VLAN 2`, `segment 1001`, or `VLAN 7` where it means neither, or either. */
export function vlanName(vlan: number, { local, segments }: VlanMeanings): string {
  const [isLocal, isSegment] = [local.has(vlan), segments.has(vlan)];
  if (isLocal && !isSegment) return `local VLAN ${vlan}`;
  return isSegment && !isLocal ? `segment ${vlan}` : `VLAN ${vlan}`;
}

/** The VLAN that a match asks for: an id, null for no tag, undefined when it asks for none. */
export function matchedVlan(match: string): number | null | undefined {
  if (/(?:^|,)(?:dl_vlan=0xffff|vlan_tci=0x0000(?:\/0x1fff)?)(?:,|$)/.test(match)) return null;
  // A learnt rule of br-tun masks the priority of the tag.
  const id = /(?:^|,)(?:dl_vlan=(\d+)|vlan_tci=(0x[0-9a-f]+)\/0x0?fff(?:,|$))/.exec(match);
  return id ? Number(id[1] ?? id[2]) : undefined;
}

export function matchedPort(match: string): string | undefined {
  return /(?:^|,)in_port="?([^",]+)/.exec(match)?.[1];
}

function normalDeed(remarks: readonly string[]): string {
  const said = remarks.map((remark) => remark.replace(/^(->|>+)\s*|\s*<+$/g, ''));
  const dropped = said.find((remark) => /dropping/.test(remark));
  if (dropped !== undefined) return `drops it: ${dropped.replace(/,? ?dropping ?/, '').trim() || dropped}`;
  if (said.some((remark) => /flooding/.test(remark))) return 'floods it, as a switch does';
  const learned = said.some((remark) => /learned port/.test(remark));
  return learned ? 'switches it to the port of its destination' : 'switches it';
}

/** What the rules of the same table let through of the port that a dropping rule is for. */
function dropReason(rule: Rule, { others, vlans }: Context): string {
  const port = matchedPort(rule.match);
  if (matchedVlan(rule.match) === 4095) return 'VLAN 4095 is that of dead ports';
  if (port === undefined) return rule.match === '' ? 'no other rule is for it' : `it matches ${rule.match}`;
  const admitted = others.filter(
    (other) =>
      other.table === rule.table &&
      other.priority > rule.priority &&
      matchedPort(other.match) === port &&
      other.actions !== 'drop' &&
      !other.actions.includes(copiedRegister),
  );
  const kinds = admitted.map(({ match }) => {
    const vlan = matchedVlan(match);
    if (vlan === undefined) return 'what other rules match';
    return vlan === null ? 'untagged frames' : vlanName(vlan, vlans);
  });
  if (kinds.length === 0) return `nothing may enter from ${port}`;
  return `from ${port} only ${[...new Set(kinds)].join(' and ')} may enter`;
}

/** Which frames a rule is for, of those that no rule above it is for: `an untagged frame from int-br-eth2`. */
export function ruleSubject(rule: Rule, others: readonly Flow[]): string {
  const port = matchedPort(rule.match);
  const vlan = matchedVlan(rule.match);
  const above = others.filter(({ table, priority }) => table === rule.table && priority > rule.priority);
  const from = port === undefined ? '' : ` from ${port}`;
  if (vlan === null) return `an untagged frame${from}`;
  const receiver = /(?:^|,)dl_dst=([0-9a-f:]+)(?:,|$)/.exec(rule.match)?.[1];
  if (vlan !== undefined) {
    return `a frame of VLAN ${vlan}${from}${receiver === undefined ? '' : ` for ${receiver}`}`;
  }
  const key = /(?:^|,)tun_id=(\w+)/.exec(rule.match)?.[1];
  if (key !== undefined) return `what came with key ${Number(key)}`;
  if (rule.match === 'dl_dst=00:00:00:00:00:00/01:00:00:00:00:00') return 'what is for one station';
  if (rule.match === 'dl_dst=01:00:00:00:00:00/01:00:00:00:00:00') return 'what is for many';
  const isRest = above.some(({ match }) => port === undefined || matchedPort(match) === port);
  if (port === undefined && rule.match !== '') return rule.match;
  return `anything${isRest ? ' else' : ''}${from}`;
}

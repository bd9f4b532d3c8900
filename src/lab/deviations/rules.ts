import { type Host, runIn } from '../../linux/host.ts';
import { type Flow, formatFlow } from '../../ovs/flow.ts';
import { copiedRegister } from '../../ovs/mirror.ts';
import type { OpenFlowVersion } from '../../ovs/openflow.ts';
import type { LabPlan } from '../plan.ts';
import type { Deviation } from './deviation.ts';
import { ruleThing, ruleWords } from './things.ts';

/** What Open vSwitch puts into a standalone bridge that nobody programs. */
const ofStandaloneBridge: readonly Flow[] = [{ table: 0, priority: 0, match: '', actions: 'NORMAL' }];

/**
 * The rules in the bridges that are missing, changed or too many.
 *
 * @param missing ports that are not there: rules for frames from them cannot be compared, nor be of any use
 */
export async function ruleDeviations(
  devstack: Host,
  { devstack: plan }: LabPlan,
  missing: ReadonlySet<string>,
): Promise<Deviation[]> {
  const { flows, protocol } = plan.rules;
  const found = await Promise.all(
    plan.bridges.map(async ({ name }) => {
      const planned = (flows[name] ?? ofStandaloneBridge).filter(
        ({ match }) => !missing.has(portIn(match) ?? ''),
      );
      return compareRules(name, planned, await differences(devstack, name, planned, protocol));
    }),
  );
  return found.flat();
}

/** A line of `ovs-ofctl diff-flows`. */
interface Difference {
  /** In the bridge, or in the plan. */
  readonly where: 'bridge' | 'plan';
  /** The planned rule's number; null in the bridge. */
  readonly number: number | null;
  /** Match and actions in Open vSwitch's own words. */
  readonly match: string;
  readonly actions: string;
}

/**
 * Every rule of bridge and plan, as Open vSwitch itself writes it: each planned rule has a cookie that no installed one
 * has, so that `diff-flows` takes none for the same.
 */
async function differences(
  devstack: Host,
  bridge: string,
  planned: readonly Flow[],
  version: OpenFlowVersion,
): Promise<Difference[]> {
  const input = planned
    .map((flow, index) => `${formatFlow({ ...flow, cookie: `0x${(index + 1).toString(16)}` })}\n`)
    .join('')
    // "No tag" as a switch has it that was told so in OpenFlow 1.3's words.
    .replaceAll('dl_vlan=0xffff', 'vlan_tci=0x0000/0x1fff');
  const script = `cat | ovs-ofctl -O ${version} --names diff-flows ${bridge} /dev/stdin`;
  const { stdout } = await runIn(devstack, ['sh', '-c', script], { input, accept: [0, 2] });
  return stdout.split('\n').flatMap((line) => parseDifference(line) ?? []);
}

/** Reads a line such as `+table=1 priority=3,in_port="eth2" cookie=0x3 actions=NORMAL`; undefined for any other. */
export function parseDifference(line: string): Difference | undefined {
  const found = /^([-+])(.*?)(?: ?cookie=(0x[0-9a-f]+))? ?actions=(.*)$/.exec(line);
  if (!found) return undefined;
  const [, sign, match = '', cookie] = found;
  // A switch that was told so by OpenFlow 1.3 says it in another way.
  const actions = (found[4] ?? '').replaceAll(/load:(0x[0-9a-f]+)->NXM_NX_TUN_ID\[\]/g, 'set_tunnel:$1');
  return sign === '+'
    ? { where: 'plan', number: Number(cookie) - 1, match, actions }
    : { where: 'bridge', number: null, match, actions };
}

/** What the differences between a bridge and its plan come to. */
export function compareRules(
  bridge: string,
  planned: readonly Flow[],
  all: readonly Difference[],
): Deviation[] {
  const at = [`devstack/${bridge}`];
  const installed = new Map(all.filter(({ where }) => where === 'bridge').map((it) => [it.match, it]));
  const deviations: Deviation[] = [];
  for (const { where, number, match, actions } of all) {
    const flow = number === null ? undefined : planned[number];
    if (where !== 'plan' || !flow) continue;
    const there = installed.get(match);
    installed.delete(match);
    if (there?.actions === actions) continue;
    const text = there
      ? `the rule ${ruleWords(flow)} of ${bridge} has actions=${there.actions} instead of ${actions}`
      : `${bridge} lacks the rule ${ruleWords(flow)} actions=${flow.actions}`;
    const idle = isIdle(flow.table, all) ? { idle: true as const } : {};
    deviations.push({ thing: ruleThing(bridge, flow), text, at: [...at, ...portsOf(flow)], ...idle });
  }
  for (const { match, actions } of installed.values()) {
    // A port without a name is one that is gone.
    const ofGonePort = /in_port=\d/.test(match);
    if (ofGonePort || actions.includes(copiedRegister) || isLearned(match, planned)) continue;
    const rule = `${match}${match ? ' ' : ''}actions=${actions}`;
    deviations.push({
      thing: `rule ${bridge} ${match}`,
      text: `${bridge} has a rule that nobody planned: ${rule}`,
      at,
    });
  }
  return deviations;
}

/** Frames begin in table 0; to any other a rule must lead them. */
function isIdle(table: number, all: readonly Difference[]): boolean {
  const leads = new RegExp(`(?:goto_table:|resubmit\\([^)]*,)${table}\\b`);
  return table !== 0 && !all.some(({ actions }) => leads.test(actions));
}

/** Rules that another rule's `learn` action makes are as they come. */
function isLearned(match: string, planned: readonly Flow[]): boolean {
  const table = /^table=(\d+)/.exec(match)?.[1] ?? '0';
  return planned.some(({ actions }) => new RegExp(`learn\\(table=${table}\\b`).test(actions));
}

function portsOf({ match }: Flow): string[] {
  const port = portIn(match);
  return port === undefined ? [] : [`devstack/${port}`];
}

function portIn(match: string): string | undefined {
  return /in_port=([^,]+)/.exec(match)?.[1];
}

import { type Host, runIn } from '../linux/host.ts';
import { copiedRegister } from './mirror.ts';

/** A rule that a traced frame met. */
export interface TraceStep {
  readonly bridge: string;
  readonly table: number;
  readonly priority: number;
  /** The rule's match as it is written; empty for a rule that matches all. */
  readonly match: string;
  /** The table has no rule for it; then it is dropped. */
  readonly miss: boolean;
  /** What it did, a line each, with Open vSwitch's remarks (`-> no learned MAC …`). */
  readonly actions: readonly string[];
}

export interface Trace {
  readonly steps: readonly TraceStep[];
  /** What the datapath does in the end: `drop`, or ports and VLAN actions. */
  readonly datapathActions: string;
  /** The whole text, for a report. */
  readonly text: string;
}

/**
 * Asks ovs-vswitchd which rules a frame would meet on its way from a port (ovs-vswitchd(8), ofproto/trace). Nothing is
 * sent and nothing learned.
 *
 * @param frame the whole Ethernet frame
 */
export async function traceFrame(
  host: Host,
  bridge: string,
  port: string,
  frame: Uint8Array,
): Promise<Trace> {
  const packet = Buffer.from(frame).toString('hex');
  const { stdout } = await runIn(host, [
    ...['ovs-appctl', 'ofproto/trace', '--names'],
    ...[bridge, `in_port=${port}`, packet],
  ]);
  return parseTrace(stdout);
}

/** Reads the text of ofproto/trace. */
export function parseTrace(text: string): Trace {
  const steps: (TraceStep & { readonly actions: string[] })[] = [];
  let bridge = '';
  let datapathActions = '';
  for (const line of text.split('\n')) {
    const entered = /^\s*bridge\("(.+)"\)/.exec(line);
    const rule = /^\s*(\d+)\. (.*)$/.exec(line);
    const ending = /^Datapath actions: (.*)$/.exec(line);
    const action = /^\s{2,}(\S.*)$/.exec(line);
    if (entered) bridge = entered[1] ?? '';
    else if (ending) datapathActions = ending[1] ?? '';
    else if (rule) steps.push({ bridge, table: Number(rule[1]), ...ruleOf(rule[2] ?? ''), actions: [] });
    else if (action && !/^-+$/.test(action[1] ?? '')) steps.at(-1)?.actions.push((action[1] ?? '').trim());
  }
  return { steps: steps.filter(({ actions }) => !actions.some(isCopying)), datapathActions, text };
}

/** A rule by which a capture sees what crosses a patch port: none of the bridge's own. */
function isCopying(action: string): boolean {
  return action.includes(copiedRegister);
}

/** Open vSwitch's own rule, which no dump shows, for frames that came through a patch port and match no other. */
const hiddenMiss = 'reg0=0x2';

/** `in_port=1,dl_vlan=2, priority 3, cookie 0x1` -> match and priority; `No match.` where the table has no rule. */
function ruleOf(text: string): Pick<TraceStep, 'match' | 'priority' | 'miss'> {
  const found = /^(?:(.*), )?priority (\d+)/.exec(text);
  const match = found?.[1] ?? '';
  return { match, priority: Number(found?.[2] ?? 0), miss: found === null || match === hiddenMiss };
}

import { matchedVlan, ruleDeed, ruleSubject, type VlanMeanings } from '../evidence/rule-words.ts';
import type { Flow } from '../ovs/flow.ts';
import type { Network } from '../topology/schema.ts';

/** A rule with what it is for and what it does, in words. */
export interface ExplainedRule {
  readonly bridge: string;
  readonly rule: string;
  readonly frames: string;
  readonly deed: string;
}

/**
 * Explains the rules that a network's frames meet, the first that is asked first.
 *
 * @param flows the rules of each bridge that Neutron's agent programs
 */
export function explainRules(
  flows: Readonly<Record<string, readonly Flow[]>>,
  network: Network,
  vlans: VlanMeanings,
): ExplainedRule[] {
  return Object.entries(flows).flatMap(([bridge, rules]) =>
    [...rules]
      .sort((a, b) => a.table - b.table || b.priority - a.priority)
      .filter(({ match }) => concerns(match, network))
      .map((flow) => ({
        bridge,
        rule: `${fields(flow)} actions=${flow.actions}`,
        frames: `${flow.table === 0 ? '' : `in table ${flow.table}, `}${ruleSubject(flow, rules)}`,
        deed: isReached(flow.table, rules)
          ? ruleDeed(flow, flow.actions.split(/,(?![^(]*\))/), rules, vlans)
          : 'nothing: no rule leads to this table',
      })),
  );
}

function fields({ table, priority, match }: Flow): string {
  return [`table=${table}`, `priority=${priority}`, ...(match ? [match.replaceAll('"', '')] : [])].join(',');
}

/** Frames begin in table 0. */
function isReached(table: number, rules: readonly Flow[]): boolean {
  return table === 0 || rules.some(({ actions }) => new RegExp(`(goto_table:|,)${table}\\b`).test(actions));
}

/** Not a rule for another network's VLAN. */
function concerns(match: string, { local_vlan, provider }: Network): boolean {
  const vlan = matchedVlan(match);
  if (vlan === undefined || vlan === 4095) return true;
  const onWire = provider.network_type === 'vlan' ? provider.segmentation_id : null;
  return vlan === local_vlan || vlan === onWire;
}

import pc from 'picocolors';
import { vlanMeanings } from '../evidence/vlan-meanings.ts';
import { labPlan } from '../lab/plan.ts';
import type { RunResult, ScenarioResult } from '../scenarios/result.ts';
import type { Topology } from '../topology/schema.ts';
import { topologyWith } from '../topology/with-settings.ts';
import { figure } from './explain-figure.ts';
import { coloured, lossLines, ruleLines, stepLines, width } from './explain-lines.ts';
import { explainRules } from './explain-rules.ts';
import { walk } from './explain-walk.ts';
import { wrap } from './wrap.ts';

/** The story of a scenario: what it is about, and on each topology the figure, the frames and what was shown. */
export function scenarioStoryText(
  result: ScenarioResult,
  topologies: readonly { readonly name: string; readonly topology: Topology }[],
): string {
  const lines = [pc.bold(result.title), ...wrap(result.teaches, width), ''];
  for (const run of result.runs) {
    const topology = topologies.find(({ name }) => name === run.topology)?.topology;
    if (topology) lines.push(...runLines(run, topologyWith(topology, run.with)), '');
  }
  return lines.join('\n').trimEnd();
}

function runLines(run: RunResult, topology: Topology): string[] {
  const plan = labPlan(topology);
  const [network] = topology.networks;
  if (!network) return [];
  const rules = explainRules(plan.devstack.rules.flows, network, vlanMeanings(topology));
  const lines = [
    pc.bold(`On ${run.topology}: ${topology.title}`),
    ...figure(topology, plan, network).map(coloured),
    '',
    pc.bold('The rules in its bridges'),
    ...ruleLines(rules),
    '',
  ];
  for (const journey of run.journeys) {
    const delivered = [`  ${pc.green('→')} ${journey.outcome.text}`];
    lines.push(
      pc.bold(journey.what),
      ...stepLines(walk(journey, topology, plan, network)),
      ...(journey.outcome.kind === 'delivered' ? delivered : lossLines(journey, rules)),
      '',
    );
  }
  for (const claim of run.claims) {
    lines.push(
      ...wrap(claim.text, width - 4).map((line, index) => {
        const mark = claim.holds ? pc.green('✓') : pc.red('✗');
        return `  ${index === 0 ? mark : ' '} ${line}`;
      }),
    );
  }
  const outcome = run.observed === null ? (run.reason ?? run.verdict) : run.observed;
  return [...lines, `${pc.bold('The outcome')}: ${outcome}`];
}

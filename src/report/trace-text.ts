import pc from 'picocolors';
import { vlanText } from '../evidence/outcome.ts';
import { tagOf } from '../evidence/tags.ts';
import type { LabTrace, MetRule, TracedStage } from '../evidence/trace-lab.ts';
import type { Sighting } from '../evidence/traced-way.ts';
import { decodeFrame } from '../packets/decode.ts';
import { linkTypes } from '../packets/frame.ts';
import { frameText } from './frame-text.ts';
import { table } from './table.ts';

/** A trace for a person: stage by stage, rule by rule, then where the frame ends and what captures say. */
export function traceText(trace: LabTrace, labels: ReadonlyMap<string, string>): string {
  const named = (point: string) => {
    const label = labels.get(point);
    return label === undefined ? point : `${point} (${label})`;
  };
  const lines = [pc.bold(describe(trace.frame)), ''];
  if (trace.point.startsWith('rack/'))
    lines.push(`in at ${pc.bold(trace.point)}, through the rack's switch`, '');
  if (trace.stoppedBySwitch) lines.push(`  ${pc.yellow('✗')} the rack's switch does not let it through`);
  for (const stage of trace.stages) lines.push(...stageLines(stage, named), '');
  if (trace.captures) lines.push(...captureLines(trace.captures, named));
  return lines.join('\n').trimEnd();
}

function describe(frame: Uint8Array): string {
  const decoded = decodeFrame({
    number: 1,
    time: 0n,
    length: frame.length,
    linkType: linkTypes.ethernet,
    bytes: frame,
  });
  return `${frameText(decoded)}, ${vlanText(tagOf(frame))}, ${frame.length} bytes`;
}

function stageLines({ entry, rules, exits }: TracedStage, named: (point: string) => string): string[] {
  const lines = [`from ${pc.bold(named(entry.point))}, ${coloured(vlanText(entry.vlan))}`];
  let bridge = '';
  for (const rule of rules) {
    if (rule.bridge !== bridge) lines.push(`  ${pc.bold(rule.bridge)}`);
    bridge = rule.bridge;
    lines.push(...ruleLines(rule));
  }
  if (exits.length === 0) lines.push(`  ${pc.yellow('✗')} it is put out nowhere`);
  const isOwn = (point: string) => rules.some((rule) => point === `devstack/${rule.bridge}`);
  const rows = exits.map(({ point, vlan }) => [
    isOwn(point) ? `${point} (its own port)` : named(point),
    vlanText(vlan),
  ]);
  lines.push(...table(rows, `  → `).map(coloured));
  return lines;
}

function ruleLines({ table, priority, match, actions, deed, drops, counted }: MetRule): string[] {
  const rule = [`table ${table}`, `priority ${priority}`, ...(match ? [match.replaceAll('"', '')] : [])];
  const does = actions.filter((action) => !/^(->|>>)/.test(action)).join(', ');
  const count = counted === null ? '' : ` (${counted} counted)`;
  const mark = drops ? pc.yellow('✗') : pc.dim('·');
  return [
    `    ${mark} ${drops ? pc.yellow(deed) : deed}${count}`,
    pc.dim(`        ${rule.join(', ')}: ${does}`),
  ];
}

function captureLines(
  { agrees, differences, seen, source }: NonNullable<LabTrace['captures']>,
  named: (point: string) => string,
): string[] {
  const how = source === 'sent' ? 'sent, and captured at' : 'captured at';
  const rows = seen.map(({ point, vlan }: Sighting) => [named(point), vlanText(vlan)]);
  return [
    rows.length > 0 ? how : `${source === 'sent' ? 'sent, and ' : ''}captured nowhere`,
    ...table(rows, '  ').map(coloured),
    agrees
      ? `${pc.green('✓')} captures agree with ofproto/trace`
      : `${pc.red('✗')} captures do not agree with ofproto/trace:`,
    ...differences.map((difference) => `    ${difference}`),
  ];
}

function coloured(text: string): string {
  return text.replace(/VLAN \d+/, (tag) => pc.cyan(tag));
}

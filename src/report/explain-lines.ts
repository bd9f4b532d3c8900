import pc from 'picocolors';
import type { JourneyResult } from '../scenarios/result.ts';
import type { ExplainedRule } from './explain-rules.ts';
import type { WalkStep } from './explain-walk.ts';
import { wrap, wrapRule } from './wrap.ts';

/** A story is at most so wide. */
export const width = 100;

/** VLANs, tags and segments stand out. */
export function coloured(text: string): string {
  return text.replaceAll(/\b(?:VLAN|tag|segment) \d+/g, (tag) => pc.cyan(tag));
}

/** The steps of a walk, numbered: where, with which tag, what happens. */
export function stepLines(steps: readonly WalkStep[]): string[] {
  const rows = steps.map(({ point, label, tag, words }) => ({
    place: label === undefined ? point : `${point} (${label})`,
    tag,
    words,
  }));
  const place = Math.max(0, ...rows.map((row) => row.place.length));
  const tag = Math.max(0, ...rows.map((row) => row.tag.length));
  const left = 4 + place + 2 + tag + 2;
  return rows.flatMap((row, index) =>
    wrap(row.words, width - left).map((line, part) => {
      const head = `${String(index + 1).padStart(3)} ${row.place.padEnd(place)}  ${row.tag.padEnd(tag)}  `;
      return coloured(`${part === 0 ? head : ' '.repeat(left)}${line}`);
    }),
  );
}

/** Rules bridge by bridge: which frames, what becomes of them, and the rule itself. */
export function ruleLines(rules: readonly ExplainedRule[]): string[] {
  const frames = Math.max(...rules.map((rule) => rule.frames.length));
  let bridge = '';
  return rules.flatMap((rule) => {
    const lines = rule.bridge === bridge ? [] : [`  ${pc.bold(rule.bridge)}`];
    bridge = rule.bridge;
    const deed = wrap(rule.deed, width - frames - 6);
    return [
      ...lines,
      ...deed.map((line, index) =>
        coloured(`    ${(index === 0 ? rule.frames : '').padEnd(frames)}  ${line}`),
      ),
      ...dimRule(rule.rule),
    ];
  });
}

/** Why a frame did not arrive, in the words of the rule that is to blame. */
export function lossLines({ outcome }: JourneyResult, rules: readonly ExplainedRule[]): string[] {
  if (outcome.kind !== 'dropped') {
    return wrap(outcome.text, width - 4).map(
      (line, index) => `  ${index === 0 ? pc.yellow('✗') : ' '} ${line}`,
    );
  }
  const { bridge, rule, packets } = outcome;
  const bare = (text: string) => text.replaceAll(/["\s]/g, '');
  const found = rules.find((it) => it.bridge === bridge && bare(it.rule) === bare(rule));
  const counted = packets === 1 ? 'it counted this frame' : `it counted ${packets} frames meanwhile`;
  return [
    coloured(`  ${pc.yellow('✗')} ${pc.yellow(`${bridge} ${found?.deed ?? 'drops it'}`)}`),
    ...dimRule(`${rule.replaceAll('"', '')}${packets === null ? '' : ` (${counted})`}`),
  ];
}

/** A rule as it is written, below what is said of it. */
export function dimRule(rule: string): string[] {
  return wrapRule(rule, width - 8).map((line, index) =>
    pc.dim(`${index === 0 ? '      ' : '        '}${line}`),
  );
}

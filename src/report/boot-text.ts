import pc from 'picocolors';
import type { BootReport } from '../ironic/boot.ts';

const barWidth = 30;

/** Where the time of a provisioning went: each phase with what came before it. */
export function bootTimeline({ phases, startedAt, durationMs }: BootReport): string {
  const start = Date.parse(startedAt);
  const rows = phases.map((phase, index) => {
    const before = index === 0 ? start : Date.parse(phases[index - 1]?.at ?? startedAt);
    return { ...phase, took: Math.max(0, Date.parse(phase.at) - before), at: Date.parse(phase.at) - start };
  });
  const width = Math.max(...rows.map(({ name }) => name.length));
  const lines = rows.map(({ name, at, took, detail }) => {
    const bar = '█'.repeat(Math.round((took / Math.max(durationMs, 1)) * barWidth)).padEnd(barWidth);
    const times = `${(at / 1000).toFixed(2).padStart(7)} s  ${`+${(took / 1000).toFixed(2)}`.padStart(7)}`;
    return `  ${name.padEnd(width)}  ${times}  ${pc.cyan(bar)} ${pc.dim(detail ?? '')}`.trimEnd();
  });
  return [...lines, `  ${'in all'.padEnd(width)}  ${(durationMs / 1000).toFixed(2).padStart(7)} s`].join(
    '\n',
  );
}

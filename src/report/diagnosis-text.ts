import pc from 'picocolors';
import type { Diagnosis, Finding } from '../lab/doctor.ts';

const marks: Record<Finding['status'], string> = {
  ok: pc.green('✓'),
  limited: pc.yellow('-'),
  missing: pc.red('✗'),
};

/** What the doctor found, for a person. */
export function diagnosisText({ ready, findings, user }: Diagnosis): string {
  const width = Math.max(...findings.map(({ what }) => what.length));
  const lines = findings.flatMap(({ what, status, seen, remedy }) => [
    `${marks[status]} ${what.padEnd(width)}  ${seen}`,
    ...(remedy ? [`${' '.repeat(width + 4)}${pc.yellow('try:')} ${remedy}`] : []),
  ]);
  const verdict = ready
    ? pc.green(`labs can run here as ${user}`)
    : pc.red(`labs cannot run here as ${user}`);
  return [...lines, '', verdict].join('\n');
}

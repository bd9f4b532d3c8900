import pc from 'picocolors';
import { isFlaky, runSummary, type SuiteResult, type SuiteRun } from '../suite/result.ts';
import { durationText } from './amounts.ts';
import { withPrintableText } from './printable.ts';
import { runLines, verdictText } from './scenario-text.ts';

/** A suite's result for a person: every run that did not pass in full, and at the end the counts. */
export function suiteText(result: SuiteResult): string {
  const { runs } = withPrintableText(result);
  const notPassed = runs.filter(({ verdict }) => verdict === 'fail' || verdict === 'error');
  const skipped = runs.filter(({ verdict }) => verdict === 'skip');
  const flaky = runs.filter(isFlaky);
  const lines = notPassed.flatMap((run) => [
    pc.bold(run.scenario),
    ...runLines(run),
    ...(run.folder && !run.bundle ? [pc.dim(`  captures and log: ${run.folder}`)] : []),
    pc.dim(`  again: lab scenario ${again(run)} --topology ${againOn(run)}`),
    '',
  ]);
  const listed = (heading: string, of: readonly SuiteRun[], line: (run: SuiteRun) => string) =>
    of.length === 0 ? [] : [pc.bold(heading), ...of.map((run) => `  ${run.id}: ${line(run)}`), ''];
  lines.push(...listed('skipped', skipped, runSummary));
  lines.push(...listed('flaky', flaky, flakyText));
  lines.push(countsLine(result));
  return lines.join('\n');
}

/** A run that has ended, in a line. */
export function endedLine(run: SuiteRun): string {
  const { id, verdict, durationMs } = withPrintableText(run);
  const flaky = isFlaky(run) ? ` ${pc.yellow('FLAKY')}` : '';
  return `${verdictText(verdict)}${flaky} ${id}: ${withPrintableText(runSummary(run))} ${pc.dim(durationText(durationMs))}`;
}

/** `12 runs: 10 passed, 1 failed, 1 skipped in 42 s`, with all that is not zero. */
function countsLine({ counts, runs, durationMs, verdict, shard, interrupted }: SuiteResult): string {
  const parts = [
    [counts.pass, 'passed'],
    [counts.fail, 'failed'],
    [counts.error, counts.error === 1 ? 'error' : 'errors'],
    [counts.skip, 'skipped'],
    [counts.flaky, 'of those that passed flaky'],
  ] as const;
  const told = parts.filter(([count]) => count > 0).map(([count, what]) => `${count} ${what}`);
  const part = shard ? ` of part ${shard.index}/${shard.of}` : '';
  const heading = interrupted ? pc.bold(pc.red('INTERRUPTED')) : verdictText(verdict);
  const number = `${runs.length} run${runs.length === 1 ? '' : 's'}${part}`;
  return `${heading} ${number}: ${told.join(', ')}, in ${durationText(durationMs)}`;
}

function flakyText({ earlier }: SuiteRun): string {
  const reasons = earlier.map(({ verdict, reason, failedClaims }, index) => {
    return `attempt ${index + 1} ${verdict === 'fail' ? 'failed' : 'ended in an error'}: ${reason ?? failedClaims.join('; ')}`;
  });
  return reasons.join('; ');
}

function again({ scenario, scenarioFile }: SuiteRun): string {
  return shippedOrOwn(scenario, scenarioFile, 'scenarios', '.ts');
}

function againOn({ topology, topologyFile }: SuiteRun): string {
  return shippedOrOwn(topology, topologyFile, 'topologies', '.yaml');
}

/** A name where it means that file, else the file. */
function shippedOrOwn(name: string, file: string, folder: string, extension: string): string {
  return file.endsWith(`/${folder}/${name}${extension}`) ? name : file;
}

import { relative } from 'node:path';
import { isFlaky, runSummary, type SuiteResult, type SuiteRun } from '../suite/result.ts';
import { printable } from './printable.ts';

/**
 * What a suite found as workflow commands of GitHub Actions, a line each: it shows them at the lines of the scenarios'
 * files.
 *
 * @param folder the absolute path that shown paths are relative to
 */
export function annotations({ runs }: SuiteResult, folder: string): string[] {
  return runs.flatMap((run) => {
    const at = (line?: number) => ({
      file: relative(folder, run.scenarioFile),
      ...(line === undefined ? {} : { line: String(line) }),
      title: run.id,
    });
    if (run.verdict === 'error') return [command('error', at(run.line), run.reason ?? runSummary(run))];
    if (run.verdict === 'fail')
      return failures(run).map(({ line, text }) => command('error', at(line), text));
    if (isFlaky(run)) return [command('warning', at(), `passed at attempt ${run.earlier.length + 1}`)];
    return [];
  });
}

function failures(run: SuiteRun): { readonly line?: number; readonly text: string }[] {
  const claims = run.claims
    .filter(({ holds }) => !holds)
    .map(({ text, why, line }) => ({
      text: `does not hold: ${text}${why ? `; ${why}` : ''}`,
      ...(line === undefined ? {} : { line }),
    }));
  const causes = (run.causes ?? []).slice(0, 1).map(({ text }) => ({ text: `cause: ${text}` }));
  return claims.length > 0 ? [...causes, ...claims] : [{ text: runSummary(run) }];
}

/** `::error file=…,line=…,title=…::message`, with what has a meaning there escaped as GitHub's toolkit does. */
function command(
  level: 'error' | 'warning',
  properties: Readonly<Record<string, string>>,
  text: string,
): string {
  const words = Object.entries(properties).map(([key, value]) => `${key}=${property(value)}`);
  return `::${level} ${words.join(',')}::${message(text)}`;
}

function message(text: string): string {
  return printable(text).replaceAll('%', '%25').replaceAll('\n', '%0A');
}

function property(text: string): string {
  return message(text).replaceAll(':', '%3A').replaceAll(',', '%2C');
}

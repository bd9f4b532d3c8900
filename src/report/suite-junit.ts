import { isFlaky, runSummary, type SuiteResult, type SuiteRun } from '../suite/result.ts';
import { plainRunText } from './plain-text.ts';
import { withPrintableText } from './printable.ts';
import type { SuiteReporter } from './suite-reporter.ts';

/**
 * JUnit's XML as Jenkins and Maven Surefire have it: a test suite for each topology, a test case for each scenario on
 * it. Flaky runs are told in Surefire's way, by the attempts before the one that passed.
 */
export const suiteJunit: SuiteReporter = {
  format: 'junit',
  report: (result) => document(withPrintableText(result)),
};

function document(result: SuiteResult): string {
  const { runs, durationMs } = result;
  const topologies = [...new Set(runs.map(({ topology }) => topology))].sort();
  const suites = topologies.map((topology) =>
    suiteElement(
      topology,
      runs.filter((run) => run.topology === topology),
      result,
    ),
  );
  const attributes = { name: 'lab suite', ...counted(runs), time: seconds(durationMs) };
  return `<?xml version="1.0" encoding="UTF-8"?>\n${element('testsuites', attributes, suites)}\n`;
}

function suiteElement(topology: string, runs: readonly SuiteRun[], result: SuiteResult): string {
  const timestamp = result.startedAt.replace(/\.\d+Z$/, '');
  const properties: readonly (readonly [string, string])[] = [
    ['topology', topology],
    ['topology.file', runs[0]?.topologyFile ?? ''],
    ...(result.seed === null ? [] : [['seed', String(result.seed)] as const]),
    ...(result.shard === null ? [] : [['shard', `${result.shard.index}/${result.shard.of}`] as const]),
    ...Object.entries(result.versions).map(([name, version]) => [`version.${name}`, version] as const),
  ];
  const time = runs.reduce((total, run) => total + run.durationMs, 0);
  return element(
    'testsuite',
    { name: topology, ...counted(runs), ...skipped(runs), time: seconds(time), timestamp },
    [
      element(
        'properties',
        {},
        properties.map(([name, value]) => element('property', { name, value })),
      ),
      ...runs.map(caseElement),
    ],
  );
}

function counted(runs: readonly SuiteRun[]) {
  const count = (verdict: SuiteRun['verdict']) =>
    String(runs.filter((run) => run.verdict === verdict).length);
  return { tests: String(runs.length), failures: count('fail'), errors: count('error') };
}

function skipped(runs: readonly SuiteRun[]) {
  return { skipped: String(runs.filter(({ verdict }) => verdict === 'skip').length) };
}

function caseElement(run: SuiteRun): string {
  const attributes = { classname: run.topology, name: run.scenario, time: seconds(run.durationMs) };
  return element('testcase', attributes, [
    ...verdictElements(run),
    ...earlierElements(run),
    element('system-out', {}, [escaped(plainRunText(run))]),
  ]);
}

function verdictElements(run: SuiteRun): string[] {
  const { verdict, reason = '', reasonKind = verdict } = run;
  const message = runSummary(run);
  switch (verdict) {
    case 'pass':
      return [];
    case 'skip':
      return [element('skipped', { message })];
    case 'error':
      return [element('error', { type: reasonKind, message }, [escaped(reason)])];
    case 'fail':
      return [element('failure', { type: failureType(run), message }, [escaped(failedClaims(run))])];
  }
}

/** What Surefire calls a failure before a success flaky, and one before the last failure a rerun. */
function earlierElements(run: SuiteRun): string[] {
  const kind = isFlaky(run) ? 'flaky' : 'rerun';
  return run.earlier.map(({ verdict, reason, reasonKind = verdict, failedClaims: claims }) => {
    const message = reason ?? claims.join('; ');
    return element(`${kind}${verdict === 'error' ? 'Error' : 'Failure'}`, { type: reasonKind, message });
  });
}

function failureType({ observed, expected }: SuiteRun): string {
  return observed === expected ? 'claim' : 'outcome';
}

function failedClaims({ claims }: SuiteRun): string {
  return claims
    .filter(({ holds }) => !holds)
    .map(({ text, why }) => (why ? `${text}: ${why}` : text))
    .join('\n');
}

function element(
  name: string,
  attributes: Readonly<Record<string, string>>,
  content: readonly string[] = [],
): string {
  const words = Object.entries(attributes).map(([key, value]) => ` ${key}="${escapedAttribute(value)}"`);
  const start = `<${name}${words.join('')}`;
  if (content.length === 0) return `${start}/>`;
  const text = content.every((part) => !part.startsWith('<'));
  return text ? `${start}>${content.join('')}</${name}>` : `${start}>\n${content.join('\n')}\n</${name}>`;
}

const entities: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };

function escaped(text: string): string {
  return text.replace(/[&<>"]/g, (character) => entities[character] ?? character);
}

/** An attribute would lose the ends of its lines. */
function escapedAttribute(text: string): string {
  return escaped(text).replaceAll('\n', '&#10;');
}

/** Seconds as the schemas have them: digits and a point. */
function seconds(ms: number): string {
  return (ms / 1000).toFixed(3);
}

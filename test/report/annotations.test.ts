import { expect, test } from 'vitest';
import { annotations } from '../../src/report/annotations.ts';
import { printable, withPrintableText } from '../../src/report/printable.ts';
import { suiteExitCode } from '../../src/suite/exit-code.ts';
import type { SuiteRun } from '../../src/suite/result.ts';
import { madeUpResult, madeUpRun } from '../suite/result-made-up.ts';

const annotated = (...runs: SuiteRun[]) => annotations(madeUpResult(runs), '/project');

test('a claim that does not hold is an error at its line, a flaky run a warning', () => {
  const claims = [
    { text: 'it holds', holds: true, why: '', evidence: [] },
    { text: 'it arrives', holds: false, why: 'lost: 100%, twice\nat br-int', evidence: [], line: 12 },
  ];
  const earlier = [{ verdict: 'fail', failedClaims: [], durationMs: 1, folder: '/f' }] as const;
  expect(annotated(madeUpRun(), madeUpRun({ verdict: 'fail', claims }), madeUpRun({ earlier }))).toEqual([
    '::error file=scenarios/dhcp.ts,line=12,title=dhcp on flat::does not hold: it arrives; lost: 100%25, twice%0Aat br-int',
    '::warning file=scenarios/dhcp.ts,title=dhcp on flat::passed at attempt 2',
  ]);
});

test('another outcome, and a reason, are errors too', () => {
  expect(annotated(madeUpRun({ verdict: 'fail', observed: 'no lease' }))).toEqual([
    '::error file=scenarios/dhcp.ts,title=dhcp on flat::no lease, but declared is lease',
  ]);
  const error = { verdict: 'error', observed: null, reason: 'it fell', line: 3, claims: [] } as const;
  expect(annotated(madeUpRun(error))).toEqual([
    '::error file=scenarios/dhcp.ts,line=3,title=dhcp on flat::it fell',
  ]);
});

test('no text ends a command, or begins one of its own', () => {
  const error = { verdict: 'error', observed: null, reason: 'a\r\n::stop-commands::x', claims: [] } as const;
  const [line = ''] = annotated(madeUpRun({ ...error, scenario: 'a:b,c' }));
  expect(line).toBe(
    '::error file=scenarios/a%3Ab%2Cc.ts,title=a%3Ab%2Cc on flat::a\\x0d%0A::stop-commands::x',
  );
});

test('what a terminal would act upon is shown by its code', () => {
  expect(printable('\u001b[2Jä\n\t\u009b\u202e\ud800😀\uffff')).toBe(
    '\\x1b[2Jä\n\\x09\\x9b\\u202e\\ud800😀\\uffff',
  );
  expect(withPrintableText({ a: ['\u0007'], b: null, c: 1 })).toEqual({ a: ['\\x07'], b: null, c: 1 });
});

test.each([
  [0, ['pass', 'skip']],
  [1, ['pass', 'fail']],
  [3, ['fail', 'error:lab-failed', 'error:machine-lacks']],
  [3, ['error:scenario-threw']],
  [4, ['fail', 'error:machine-lacks', 'pass']],
] as const)('the exit code is %i for %j', (code, ends) => {
  const runs = ends.map((end) => {
    const [verdict, reasonKind] = end.split(':') as [SuiteRun['verdict'], SuiteRun['reasonKind']];
    return madeUpRun({ verdict, ...(reasonKind ? { reasonKind } : {}) });
  });
  expect(suiteExitCode(madeUpResult(runs))).toBe(code);
  expect(suiteExitCode(madeUpResult(runs, { interrupted: true }))).toBe(130);
});

import { XMLParser, XMLValidator } from 'fast-xml-parser';
import { describe, expect, test } from 'vitest';
import { suiteJunit } from '../../src/report/suite-junit.ts';
import type { SuiteRun } from '../../src/suite/result.ts';
import { madeUpResult, madeUpRun } from '../suite/result-made-up.ts';

/** An element as the parser gives it with `preserveOrder`. */
type Node = Readonly<Record<string, readonly Node[]>> & { readonly ':@'?: Readonly<Record<string, string>> };

interface Rule {
  readonly attributes: readonly string[];
  readonly required: readonly string[];
  readonly children: readonly string[];
}

const rerun: Rule = {
  attributes: ['message', 'type'],
  required: ['type'],
  children: ['stackTrace', 'system-out'],
};
const told: Rule = { attributes: ['message', 'type'], required: [], children: [] };
const none: Rule = { attributes: [], required: [], children: [] };

/** What both Jenkins (junit-10.xsd of its xUnit plugin) and Maven Surefire 3 accept, element by element. */
const rules: Readonly<Record<string, Rule>> = {
  testsuites: {
    attributes: ['name', 'time', 'tests', 'failures', 'errors'],
    required: [],
    children: ['testsuite'],
  },
  testsuite: {
    attributes: ['name', 'time', 'tests', 'errors', 'skipped', 'failures', 'timestamp'],
    required: ['name', 'time', 'tests', 'errors', 'skipped', 'failures'],
    children: ['properties', 'testcase'],
  },
  properties: { attributes: [], required: [], children: ['property'] },
  property: { attributes: ['name', 'value'], required: ['name', 'value'], children: [] },
  testcase: {
    attributes: ['name', 'classname', 'time'],
    required: ['name', 'classname', 'time'],
    children: [
      ...[
        'skipped',
        'error',
        'failure',
        'rerunFailure',
        'rerunError',
        'flakyFailure',
        'flakyError',
        'system-out',
      ],
    ],
  },
  failure: told,
  error: told,
  skipped: told,
  rerunFailure: rerun,
  rerunError: rerun,
  flakyFailure: rerun,
  flakyError: rerun,
  'system-out': none,
};

/** What in a document is not as the rules have it. */
function problems(xml: string): string[] {
  const valid = XMLValidator.validate(xml);
  if (valid !== true) return [JSON.stringify(valid.err)];
  const root = parse(xml).find((node) => !('?xml' in node));
  return root ? problemsIn(root, 'testsuites') : ['no root'];
}

function parse(xml: string): Node[] {
  const options = {
    preserveOrder: true,
    ignoreAttributes: false,
    attributeNamePrefix: '',
    trimValues: false,
  };
  return new XMLParser(options).parse(xml).filter((node: Node) => !('#text' in node)) as Node[];
}

function problemsIn(node: Node, path: string): string[] {
  const [name = ''] = Object.keys(node).filter((key) => key !== ':@');
  const rule = rules[name];
  if (!rule) return [`${path}: <${name}> is unknown`];
  const attributes = node[':@'] ?? {};
  const children = (node[name] ?? []).filter((child) => !('#text' in child));
  return [
    ...rule.required.filter((key) => !(key in attributes)).map((key) => `${path}: ${key} is missing`),
    ...Object.keys(attributes)
      .filter((key) => !rule.attributes.includes(key))
      .map((key) => `${path}: ${key} is not allowed`),
    ...['tests', 'failures', 'errors', 'skipped']
      .filter((key) => key in attributes && !/^\d+$/.test(attributes[key] ?? ''))
      .map((key) => `${path}: ${key} is no number`),
    ...('time' in attributes && !/^\d+\.\d+$/.test(attributes.time ?? '')
      ? [`${path}: time is no number`]
      : []),
    ...children.flatMap((child) => {
      const [childName = ''] = Object.keys(child).filter((key) => key !== ':@');
      if (!rule.children.includes(childName)) return [`${path}: <${childName}> is not allowed`];
      return problemsIn(child, `${path}/${childName}`);
    }),
  ];
}

const claim = { text: 'it arrives', holds: false, why: 'lost', evidence: [] };
const journey = {
  what: 'DISCOVER',
  to: 'devstack/tap',
  hops: [
    { point: 'rack/one', vlan: null, time: '2026-11-23T06:00:00.000000000Z', file: '/a.pcap', frame: 1 },
    { point: 'devstack/br-int', vlan: 2, time: '2026-11-23T06:00:00.000100000Z', file: '/b.pcap', frame: 1 },
  ],
  outcome: { kind: 'unknown', reason: 'nobody knows', text: 'nobody knows' },
} as unknown as SuiteRun['journeys'][number];

const runs = [
  madeUpRun(),
  madeUpRun({ scenario: 'fails', verdict: 'fail', claims: [claim], journeys: [journey] }),
  madeUpRun({ scenario: 'other', verdict: 'fail', observed: 'no lease' }),
  madeUpRun({
    ...{ scenario: 'breaks', topology: 'vlan', observed: null, verdict: 'error', claims: [] },
    ...{ reason: 'a \u001b[31mslip\u0000 <&"\n]]>\ud800\uffff', reasonKind: 'scenario-threw' },
  }),
  madeUpRun({
    ...{ scenario: 'skips', topology: 'vlan', observed: null, verdict: 'skip', claims: [] },
    ...{ reason: 'not today', reasonKind: 'skipped' },
  }),
  madeUpRun({
    scenario: 'flaky',
    earlier: [{ verdict: 'fail', failedClaims: ['it arrives'], durationMs: 1, folder: '/f' }],
  }),
];
const xml = suiteJunit.report(madeUpResult(runs), '/');

describe("JUnit's XML", () => {
  test('is as Jenkins and Surefire have it, also with what XML cannot hold', () => {
    expect(problems(xml)).toEqual([]);
    // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what must not be there
    expect(xml).not.toMatch(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/);
    expect(xml).toContain('a \\x1b[31mslip\\x00 &lt;&amp;&quot;');
  });

  test('the check finds what is not so', () => {
    expect(problems('<testsuites><testcase name="a"/></testsuites>')).toEqual([
      'testsuites: <testcase> is not allowed',
    ]);
    const wrong = xml
      .replace('<property name="topology" ', '<property ')
      .replace(/time="[\d.]+"/, 'time="1 s"');
    expect(problems(wrong)).toEqual([
      'testsuites: time is no number',
      'testsuites/testsuite/properties/property: name is missing',
    ]);
    expect(problems('<testsuites>')).toHaveLength(1);
  });

  test('has a suite for each topology, with its counts and its name as a property', () => {
    expect(xml).toMatch(/<testsuites name="lab suite" tests="6" failures="2" errors="1" time="4.321">/);
    expect(xml).toMatch(/<testsuite name="flat" tests="4" failures="2" errors="0" skipped="0" time="4.938"/);
    expect(xml).toMatch(/<testsuite name="vlan" tests="2" failures="0" errors="1" skipped="1"/);
    expect(xml).toContain('<property name="topology" value="vlan"/>');
  });

  test('tells failures, errors, skips and flaky runs apart', () => {
    expect(xml).toContain(
      '<failure type="claim" message="lease, as declared, but 1 of 1 claims do not hold">it arrives: lost',
    );
    expect(xml).toContain('<failure type="outcome" message="no lease, but declared is lease"');
    expect(xml).toContain('<error type="scenario-threw" ');
    expect(xml).toContain('<skipped message="not today"/>');
    expect(xml).toContain('<flakyFailure type="fail" message="it arrives"/>');
  });

  test('has the hop table as output of the case', () => {
    expect(xml).toMatch(/<system-out>on flat: .*\n {2}DISCOVER\n {4}rack\/one +untagged +0\.000 ms\n/);
  });
});

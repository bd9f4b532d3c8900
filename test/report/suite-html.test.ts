import fc from 'fast-check';
import { XMLValidator } from 'fast-xml-parser';
import { beforeAll, describe, expect, it } from 'vitest';
import { suiteHtml } from '../../src/report/suite-html.ts';
import type { ClaimResult, JourneyResult } from '../../src/scenarios/result.ts';
import type { SuiteResult, SuiteRun } from '../../src/suite/result.ts';
import { loadTopology } from '../../src/topology/parse.ts';
import type { Topology } from '../../src/topology/schema.ts';
import { madeUpResult, madeUpRun } from '../suite/result-made-up.ts';

const hop = (point: string, frame: number) => ({
  point,
  vlan: null,
  time: `2026-11-23T06:00:00.00000000${frame}Z`,
  file: '/bundles/b/captures.pcapng',
  frame,
});

const discover: JourneyResult = {
  what: 'DISCOVER of stand-in-1',
  to: 'devstack/tap',
  hops: [hop('rack/stand-in-1', 1), { ...hop('devstack/eth2', 2), label: 'the wire' }],
  outcome: { kind: 'dropped', bridge: 'br-int', rule: 'drop', packets: 1, text: 'dropped in br-int by drop' },
  traces: [{ point: 'devstack/eth2', text: 'bridge("br-int")\n 0. drop' }],
};

const broken: ClaimResult = {
  text: 'inside br-int it carries local VLAN 2',
  holds: false,
  why: 'DISCOVER of stand-in-1: not seen at devstack/br-int; dropped in br-int by drop',
  evidence: [{ point: 'devstack/eth2', file: '/bundles/b/captures.pcapng', frame: 2 }],
  journeys: [discover],
};

let flat: Topology;
let failing: SuiteRun;
let result: SuiteResult;

beforeAll(async () => {
  flat = await loadTopology('topologies/flat.yaml');
  failing = madeUpRun({
    verdict: 'fail',
    observed: 'no lease',
    journeys: [discover],
    claims: [broken, { text: 'the moon is up', holds: true, why: '', evidence: [] }],
    bundle: '/reports/bundles/dhcp on flat',
    causes: [{ thing: 'rule', text: 'a rule of br-int is gone' }],
    captures: { 'devstack/eth2': '/reports/bundles/dhcp on flat/captures.pcapng' },
    provisionings: [
      {
        node: 'server-1',
        driver: 'pxe_ipmitool',
        outcome: 'login prompt',
        lastError: null,
        startedAt: '2026-11-23T06:00:00.000Z',
        phases: [
          { name: 'power on', at: '2026-11-23T06:00:00.500Z' },
          { name: 'login prompt', at: '2026-11-23T06:00:04.500Z', detail: 'server-1 login:' },
        ],
      },
    ],
  });
  const runs = [
    failing,
    madeUpRun({ topology: 'vlan' }),
    madeUpRun({ scenario: 'other', verdict: 'skip', observed: null, reason: 'no ink' }),
  ];
  result = madeUpResult(runs, { verdict: 'fail', topologies: { [failing.topologyFile]: flat } });
});

const report = (given: SuiteResult = result) => suiteHtml.report(given, '/reports');
const body = (page: string) => page.replace('<!doctype html>', '');

describe('the report', () => {
  it('is well-formed, begins as HTML does, and says which language it is in', () => {
    expect(report()).toMatch(/^<!doctype html>\n<html lang="en">/);
    expect(XMLValidator.validate(body(report()))).toBe(true);
  });

  it('stands alone: no script, nothing from elsewhere', () => {
    expect(report()).not.toMatch(/<(script|link|img|iframe|object|embed|base)\b/);
    const addresses = [...report().matchAll(/(?:href|src)="([^"]*)"/g)].map(([, address]) => address);
    for (const address of addresses) expect(address).toMatch(/^(#|\.\/)/);
    expect(report()).not.toMatch(/ on\w+="|javascript:/);
  });

  it('leads to places that are there, each once', () => {
    const ids = [...report().matchAll(/\bid="([^"]*)"/g)].map(([, id]) => id);
    expect(new Set(ids).size).toBe(ids.length);
    const targets = [...report().matchAll(/(?:href="#|aria-labelledby=")([^"]*)"/g)].flatMap(([, target]) =>
      target?.split(' '),
    );
    for (const target of targets) expect(ids).toContain(target);
  });

  it('tells first how many runs did not pass, and which', () => {
    expect(report()).toContain('<h1>1 of 3 runs did not pass</h1>');
    const what = report().slice(report().indexOf('What broke'), report().indexOf('<h2 id="runs">'));
    expect(what).toContain('dhcp on flat');
    expect(what).toContain('DISCOVER of stand-in-1 is dropped in br-int by drop');
    expect(what).toContain('Cause: a rule of br-int is gone');
    expect(what).not.toContain('dhcp on vlan');
  });

  it('has each claim, with its hop table and its figure', () => {
    const run = report().slice(report().indexOf('<article id="run-1"'));
    const journey = run.slice(run.indexOf('<section class="journey">'), run.indexOf('</section>'));
    expect(journey).toContain('inside br-int it carries local VLAN 2');
    expect(journey).toContain('<caption>Where DISCOVER of stand-in-1 was seen</caption>');
    expect(journey).toMatch(
      /<th scope="row"><code>devstack\/eth2<\/code> <span class="label">the wire<\/span>/,
    );
    expect(journey).toContain('<rect class="guilty"');
    expect(journey).toContain('bridge(&quot;br-int&quot;)');
    expect(run).toContain('the moon is up');
  });

  it('leads to the bundle, relative to itself', () => {
    expect(report()).toContain('href="./bundles/dhcp%20on%20flat/README.txt"');
    expect(suiteHtml.report(result, '/reports/html')).toContain(
      'href="../bundles/dhcp%20on%20flat/captures.pcapng"',
    );
  });

  it('has the phases of provisionings as bars', () => {
    expect(report()).toContain('server-1 by pxe_ipmitool: to the login prompt, 4.5 s');
    expect(report().match(/<rect class="took"/g)).toHaveLength(2);
    expect(report()).toContain('power on at 500 ms, login prompt at 4.5 s');
  });

  it('opens what did not pass and folds what did', () => {
    const article = (id: string) => report().split(`<article id="${id}"`)[1]?.split('</article>')[0] ?? '';
    expect(article('run-1')).not.toContain('<summary class="head">');
    expect(article('run-2')).toContain('<details><summary class="head">');
    expect(article('run-3')).toContain('no ink');
  });

  it('heads its parts in order, without a gap', () => {
    const levels = [...report().matchAll(/<h(\d)/g)].map(([, level]) => Number(level));
    expect(levels.filter((level) => level === 1)).toHaveLength(1);
    levels.forEach((level, index) => {
      expect(level - (levels[index - 1] ?? 0)).toBeLessThanOrEqual(1);
    });
  });

  it('has a heading for each column and row of its tables', () => {
    const tables = report().match(/<table[\s\S]*?<\/table>/g) ?? [];
    expect(tables.length).toBeGreaterThan(1);
    for (const table of tables) {
      expect(table).toContain('<caption>');
      expect(table).toMatch(/<th scope="col"/);
      expect(table).toMatch(/<th scope="row"/);
    }
  });

  it('holds also without a topology, and with nothing run', () => {
    expect(report(madeUpResult([failing]))).not.toContain('class="figure"');
    expect(report(madeUpResult([]))).toContain('<h1>Nothing was run</h1>');
  });

  it('stays well-formed whatever a scenario says, and takes it for text', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        const evil = `${text}<script>alert(1)</script>"'&`;
        const journey = { ...discover, what: evil, outcome: { ...discover.outcome, text: evil } };
        const run = {
          ...failing,
          title: evil,
          reason: evil,
          topology: evil,
          bundle: `/reports/${evil.replaceAll('/', '')}`,
          journeys: [journey],
          claims: [{ ...broken, text: evil, why: evil, journeys: [journey] }],
        };
        const page = report({ ...result, runs: [run], versions: { [evil]: evil } });
        expect(XMLValidator.validate(body(page))).toBe(true);
        expect(page).not.toContain('<script');
      }),
      { numRuns: 10 },
    );
  });
});

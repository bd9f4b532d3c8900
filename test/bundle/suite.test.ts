import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { SuiteResult, SuiteRun } from '../../src/suite/result.ts';
import { LabCommand } from '../lab-command.ts';

const lab = new LabCommand();
afterAll(() => lab.end());

/** A scenario that captures a DISCOVER, whose place a statement takes. */
const scenario = (statement: string) => `import { scenario } from 'baremetal-lab';

export default scenario({
  title: 'It ends otherwise',
  teaches: 'Nothing.',
  outcomes: { flat: 'bliss' },
  async run(run) {
    const server = run.standIn();
    await run.capture(async () => { await server.dhcp(); ${statement} }, { also: [server.point] });
    return 'bliss';
  },
});
`;

describe('a suite leaves the bundle of a run', () => {
  let runs: readonly SuiteRun[] = [];
  beforeAll(async () => {
    const folder = join(lab.home, 'own');
    mkdirSync(folder);
    writeFileSync(join(folder, 'dies.ts'), scenario('process.kill(process.pid, "SIGKILL")'));
    writeFileSync(join(folder, 'hangs.ts'), scenario('await new Promise(() => undefined)'));
    const options = [
      '--topology',
      'flat',
      '--deadline',
      '8',
      '--bundle',
      join(lab.home, 'bundles'),
      '--html',
      join(lab.home, 'report.html'),
      '--quiet',
    ];
    runs = (await lab.json<SuiteResult>(['suite', folder, ...options])).runs;
  });

  it.each([
    ['dies', 'crashed'],
    ['hangs', 'deadline'],
  ])('that %s, with what its lab knew then and the captures until then', (name, reasonKind) => {
    const run = runs.find(({ scenario }) => scenario === name);
    expect(run).toMatchObject({
      verdict: 'error',
      reasonKind,
      bundle: join(lab.home, 'bundles', `${name}-on-flat`),
    });
    const textOf = (path: string) => readFileSync(join(run?.bundle ?? '', path), 'utf8');
    expect(textOf('journeys.txt')).toContain('DHCP DISCOVER');
    expect(textOf('dhcp/provider/leases')).toContain('52:54:00:00:02:01');
    expect(existsSync(join(run?.bundle ?? '', 'replay.sh'))).toBe(true);
  });

  it('to whose files the report leads', () => {
    const report = readFileSync(join(lab.home, 'report.html'), 'utf8');
    const files = [...report.matchAll(/href="(\.[^"]*)"/g)].map(([, address = '']) =>
      decodeURIComponent(address),
    );
    expect(files).toContain('./bundles/hangs-on-flat/README.txt');
    for (const file of files) expect(existsSync(join(lab.home, file)), file).toBe(true);
  });
});

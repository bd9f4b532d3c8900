import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ListedLab } from '../../src/lab/list.ts';
import { LabCommand } from '../lab-command.ts';
import { runScenario } from './document.ts';

/** A user's folder with scenarios of their own. */
const folder = mkdtempSync(join(tmpdir(), 'lab-scenarios-'));
const lab = new LabCommand();

beforeAll(() => {
  mkdirSync(join(folder, 'scenarios'));
  mkdirSync(join(folder, 'topologies'));
});
afterAll(async () => {
  await lab.end();
  rmSync(folder, { recursive: true });
});

function write(name: string, text: string): void {
  writeFileSync(join(folder, 'scenarios', `${name}.ts`), text);
}

/** A scenario with this text as the body of its run function. */
function scenarioThat(body: string, more = ''): string {
  return `import { dhcp, type Lease, scenario } from 'baremetal-lab';
export default scenario({
  title: 'Mine',
  teaches: 'Something.',
  outcomes: { flat: 'done' },
  ${more}
  async run(run) {
${body}
    return 'done';
  },
});
`;
}

const scenario = (...args: string[]) => lab.run(['scenario', ...args, '--quiet'], { cwd: folder });

describe('a scenario of the user', () => {
  it('loads as it is, with what it imports, and hides the shipped one of its name', async () => {
    writeFileSync(join(folder, 'claims.ts'), "export const text: string = 'the ACK arrives';\n");
    write(
      'dhcp-from-physical',
      `import { text } from '../claims.ts';
${scenarioThat(`
    const server = run.standIn('stand-in-2');
    const { result, evidence } = await run.capture(() => server.dhcp(), { points: [server.point] });
    const lease: Lease | undefined = result;
    const ack = await evidence.journey('ACK', dhcp('ACK', server.mac), { to: server.point });
    run.claim(text, ack.shows(lease?.ip ?? 'no lease', dhcp('ACK', server.mac, server.ip)));`)}`,
    );
    const {
      scenario: name,
      title,
      verdict,
      runs,
    } = await runScenario(lab, ['dhcp-from-physical'], { cwd: folder });
    expect({ name, title, verdict }).toEqual({ name: 'dhcp-from-physical', title: 'Mine', verdict: 'pass' });
    expect(Object.keys(runs[0]?.captures ?? {})).toEqual(['rack/stand-in-2']);
    rmSync(join(folder, 'scenarios', 'dhcp-from-physical.ts'));
  });

  it("runs on the user's own topology of a shipped name", async () => {
    write('own-topology', scenarioThat("    run.claim('it is theirs', run.topology.title === 'Theirs');"));
    writeFileSync(
      join(folder, 'topologies', 'flat.yaml'),
      `title: Theirs\n${readFileSync('topologies/flat.yaml', 'utf8').replace(/^title:.*$/m, '')}`,
    );
    expect(await runScenario(lab, ['own-topology'], { cwd: folder })).toMatchObject({ verdict: 'pass' });
    rmSync(join(folder, 'topologies', 'flat.yaml'));
  });

  it('fails without a claim: it has shown nothing', async () => {
    write('no-claim', scenarioThat(''));
    const { exitCode, stdout } = await scenario('no-claim');
    expect(exitCode).toBe(1);
    expect(stdout).toContain('it states no claim');
    expect(await runScenario(lab, ['no-claim'], { cwd: folder })).toMatchObject({
      verdict: 'fail',
      runs: [{ verdict: 'fail', observed: 'done', claims: [] }],
    });
  });

  it('fails with an outcome that is not the declared one, though every claim holds', async () => {
    write(
      'other-outcome',
      scenarioThat("    run.claim('yes', true);\n    if (run.claims.length) return 'other';"),
    );
    expect(await runScenario(lab, ['other-outcome'], { cwd: folder })).toMatchObject({
      verdict: 'fail',
      runs: [{ expected: 'done', observed: 'other' }],
    });
  });

  it('that throws is an error at its own line, with what was claimed before, and its lab is ended', async () => {
    write(
      'throws',
      scenarioThat(`    run.claim('so far', true);
    const lease: { ip?: { version: number } } = {};
    throw new TypeError('no version: ' + String(lease.ip?.version));`),
    );
    const { exitCode, stdout } = await scenario('throws');
    expect(exitCode).toBe(3);
    expect(stdout).toMatch(/no version: undefined \(scenarios\/throws\.ts:10:11\)/);
    expect(await runScenario(lab, ['throws'], { cwd: folder })).toMatchObject({
      verdict: 'error',
      runs: [{ verdict: 'error', observed: null, claims: [{ text: 'so far', holds: true }] }],
    });
    const { labs } = await lab.json<{ labs: ListedLab[] }>(['list']);
    expect(labs).toEqual([]);
  });

  it('may say that what it needs is not there', async () => {
    write(
      'skips',
      scenarioThat("    if (run.topology.routers.length === 0) run.skip('there is no router');"),
    );
    const { exitCode, stdout } = await scenario('skips');
    expect(exitCode).toBe(0);
    expect(stdout).toMatch(/there is no router[\s\S]*SKIP skips/);
  });

  it('asks for what the topology lacks: told with what there is', async () => {
    write('lacks', scenarioThat("    run.standIn('web');"));
    const { runs } = await runScenario(lab, ['lacks'], { cwd: folder });
    expect(runs[0]?.reason).toMatch(
      /^topology flat has no stand-in web; there are: stand-in-1, stand-in-2 \(scenarios\/lacks\.ts:8:9\)$/,
    );
  });

  it('gets the settings it wants, whatever the topology says', async () => {
    write(
      'settings',
      scenarioThat(
        "    run.claim('veth', run.topology.interconnect === 'veth');",
        "with: { interconnect: 'veth' },",
      ),
    );
    const document = await runScenario(lab, ['settings'], { cwd: folder });
    expect(document).toMatchObject({ verdict: 'pass', runs: [{ with: { interconnect: 'veth' } }] });
  });
});

describe('a file that is no scenario', () => {
  it.each([
    [
      'a mistake in its syntax',
      'const = 1;\n',
      /^lab: scenarios\/bad\.ts:1:7: Expected identifier but found "="/,
    ],
    [
      'an import of nothing',
      "import './missing.ts';\n",
      /^lab: scenarios\/bad\.ts:1:8: Could not resolve "\.\/missing\.ts"/,
    ],
    [
      'no default export',
      'export const scenario = 1;\n',
      /^lab: scenarios\/bad\.ts: it has no scenario as its default export/,
    ],
    ['something else as default export', 'export default 7;\n', /it has no scenario as its default export/],
    [
      'no title',
      "export default { teaches: 'x', outcomes: { flat: 'y' }, run() {} };\n",
      /its title is missing: one line of text was expected/,
    ],
    [
      'no teaching',
      "export default { title: 'x', outcomes: { flat: 'y' }, run() {} };\n",
      /its teaches is missing: two or three sentences were expected/,
    ],
    [
      'no outcomes',
      "export default { title: 'x', teaches: 'x', run() {} };\n",
      /its outcomes are missing: an outcome for each topology was expected/,
    ],
    [
      'an outcome that is no text',
      "export default { title: 'x', teaches: 'x', outcomes: { flat: 1 }, run() {} };\n",
      /its outcome for flat is no text/,
    ],
    [
      'nothing to run',
      "export default { title: 'x', teaches: 'x', outcomes: { flat: 'y' } };\n",
      /its run is missing: a function was expected/,
    ],
    [
      'an unknown setting',
      "export default { title: 'x', teaches: 'x', outcomes: { flat: 'y' }, with: { name: 'z' }, run() {} };\n",
      /its with sets name, which no scenario can; it may set rules, interconnect/,
    ],
    [
      'a setting with an unknown value',
      "export default { title: 'x', teaches: 'x', outcomes: { flat: 'y' }, with: { rules: 'kilo' }, run() {} };\n",
      /its with sets rules to kilo; expected juno, current, article/,
    ],
    [
      'an error while it is loaded',
      "throw new Error('not today');\n",
      /^lab: scenarios\/bad\.ts fails while it is loaded: not today/,
    ],
  ])('has %s: one sentence, exit code 2', async (_what, text, expected) => {
    write('bad', text);
    const { exitCode, stdout, stderr } = await scenario('bad');
    expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: '' });
    expect(stderr).toMatch(expected);
    expect(stderr.trimEnd().split('\n')).toHaveLength(2);
  });

  it('is told in the list and does not hide the others', async () => {
    write('bad', 'const = 1;\n');
    const { exitCode, stdout } = await lab.run(['scenarios'], { cwd: folder });
    expect(exitCode).toBe(0);
    expect(stdout).toMatch(/bad {2}cannot be loaded\n {4}scenarios\/bad\.ts:1:7/);
    expect(stdout).toContain('A physical server asks for DHCP');
    rmSync(join(folder, 'scenarios', 'bad.ts'));
  });
});

describe('what cannot be run is refused before anything is built', () => {
  it.each([
    [
      'an unknown name',
      ['dhcp-from-phisical'],
      /there is no scenario "dhcp-from-phisical"; did you mean "dhcp-from-physical"\?/,
    ],
    ['a path to nothing', ['./mine.ts'], /there is no scenario file \.\/mine\.ts/],
    [
      'a topology without a declared outcome',
      ['snat-to-tftp', '--topology', 'flat'],
      /the scenario declares no outcome for topology flat/,
    ],
    [
      'the same topology twice',
      ['dhcp-from-physical', '--topology', 'flat', 'flat'],
      /two of the topologies are called flat/,
    ],
    ['an unknown topology', ['dhcp-from-physical', '--topology', 'flatt'], /there is no topology "flatt"/],
  ])('%s', async (_what, args, expected) => {
    const { exitCode, stdout, stderr } = await scenario(...args);
    expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: '' });
    expect(stderr).toMatch(expected);
  });
});

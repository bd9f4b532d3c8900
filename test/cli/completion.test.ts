import { mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { candidates, type Slot } from '../../src/cli/completion/candidates.ts';
import { program } from '../../src/cli/program.ts';
import { run } from '../../src/linux/process.ts';

const asked: Slot[] = [];

/** The candidates for a line, with the slot's own name as the only name that fills it. */
async function complete(line: string): Promise<string[]> {
  asked.length = 0;
  const found = await candidates(program(), line.split(' ').slice(1), async (slot) => {
    asked.push(slot);
    return [{ word: `${slot.command}-${slot.name}` }];
  });
  return found.map(({ word }) => word);
}

test('commands are completed, each with what it does', async () => {
  const found = await candidates(program(), ['dow'], async () => []);
  expect(found).toEqual([{ word: 'down', about: 'end a lab' }]);
});

test('the command that shells ask is not offered', async () => {
  expect(await complete('lab _')).toEqual([]);
});

test.each([
  ['an argument', 'lab up ', ['up-topology']],
  ['an argument after an option with a value', 'lab up --name mine ', ['up-topology']],
  ['an option value', 'lab exec --name ', ['exec---name']],
  ['a value of an option that takes several', 'lab scenario x --topology flat ', ['scenario---topology']],
  ['an argument of few choices', 'lab completion z', ['zsh']],
  ['nothing after the last argument', 'lab status flat ', []],
  ['nothing in the words of another program', 'lab exec devstack ls -', []],
  ['nothing that looks like an option after --', 'lab exec devstack -- -', []],
  ['an option by its beginning', 'lab up --re', ['--replace']],
  ['no option twice', 'lab up --replace --re', []],
])('%s: %s', async (_what, line, expected) => {
  expect((await complete(line)).filter((word) => !word.startsWith('exec-command'))).toEqual(expected);
});

test('the words before the cursor are told, so that hosts are those of the named lab', async () => {
  await complete('lab exec --name other ');
  expect(asked).toEqual([{ command: 'exec', name: 'host', before: ['exec', '--name', 'other'] }]);
});

/** A folder with the command in its bin, and a topology of the user's own. */
let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'lab-completion-'));
  mkdirSync(join(folder, 'bin'));
  mkdirSync(join(folder, 'topologies'));
  symlinkSync(join(process.cwd(), 'dist', 'lab.js'), join(folder, 'bin', 'lab'));
  symlinkSync(join(process.cwd(), 'topologies', 'flat.yaml'), join(folder, 'topologies', 'field-trip.yaml'));
});

afterAll(() => rmSync(folder, { recursive: true }));

/** Runs a script of a shell in that folder. */
async function shell(argv: string[], script: string): Promise<string[]> {
  const env = {
    PATH: `${join(folder, 'bin')}:${process.env.PATH}`,
    LAB_HOME: join(folder, 'home'),
    HOME: folder,
    TERM: 'dumb',
  };
  const { stdout } = await run([...argv, script], { cwd: folder, env });
  return stdout.split('\n').filter((line) => line !== '');
}

const bashTries = (words: string[]) => `
source <(lab completion bash)
COMP_WORDS=(${words.join(' ')})
COMP_CWORD=${words.length - 1}
$(complete -p lab | sed 's/.*-F \\([^ ]*\\) .*/\\1/') lab
printf '%s\\n' "\${COMPREPLY[@]}"
`;

test('bash completes commands', async () => {
  expect(await shell(['bash', '-c'], bashTries(['lab', 'topo']))).toEqual(['topologies']);
});

test("bash completes topologies, the user's own among them", async () => {
  const found = await shell(['bash', '-c'], bashTries(['lab', 'up', "''"]));
  expect(found).toEqual(expect.arrayContaining(['field-trip', 'flat', 'vlan', 'vxlan']));
});

test('fish completes commands with what they do, names, and files where there is no name', async () => {
  const script = `
lab completion fish | source
complete --do-complete 'lab topo'
complete --do-complete 'lab up fi'
complete --do-complete 'lab up topologies/'
`;
  expect(await shell(['fish', '-N', '-c'], script)).toEqual([
    'topologies\tlist the topologies',
    'field-trip\ttopology',
    'topologies/field-trip.yaml',
  ]);
});

test('zsh completes commands with what they do, names, and files where there is no name', async () => {
  // Completion proper runs in the line editor alone; what it is handed is printed instead.
  const script = `
compdef() { print "for $2: $1"; }
_describe() { print -rl -- "$\{(@P)2}"; }
_files() { print files; }
eval "$(lab completion zsh)"
try() { words=("$@"); CURRENT=$#; _lab; }
try lab topo
try lab up fi
try lab up topologies/
`;
  expect(await shell(['zsh', '-f', '-c'], script)).toEqual([
    'for lab: _lab',
    'topologies:list the topologies',
    'field-trip:topology',
    'files',
  ]);
});

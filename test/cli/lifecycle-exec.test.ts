import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { run } from '../../src/linux/process.ts';
import { waitFor } from '../../src/wait.ts';
import { openTerminal, type Terminal } from '../bmc/terminal.ts';
import { expectTraces, type Traces, traces } from '../leaks.ts';
import { labWords, Machine } from '../machine.ts';

let machine: Machine;
let before: Traces;

beforeAll(async () => {
  machine = await Machine.start();
  before = traces(machine);
  for (const user of ['root', 'alice'] as const) {
    const { exitCode, stderr } = await machine.lab(user, ['up', 'flat']);
    expect(exitCode, stderr).toBe(0);
  }
});
afterAll(async () => {
  try {
    for (const user of ['alice', 'root'] as const) await machine.lab(user, ['down']);
    await expectTraces(machine, before);
  } finally {
    await machine.end();
  }
});

describe.each(['root', 'alice'] as const)('as %s', (user) => {
  const exec = (...args: string[]) => machine.lab(user, ['exec', ...args]);

  test.each([
    ['0', ['true'], 0],
    ['1', ['false'], 1],
    ['any', ['sh', '-c', 'exit 77'], 77],
    ['of a signal', ['sh', '-c', 'kill -TERM $$'], 143],
    ['of SIGKILL', ['sh', '-c', 'kill -KILL $$'], 137],
    ['of a program that is not there', ['no-such-program'], 127],
  ])('the exit code %s is passed on', async (_what, argv, exitCode) => {
    const noWords = exitCode === 127 ? {} : { stdout: '', stderr: '' };
    expect(await exec('devstack', '--', ...argv)).toMatchObject({ exitCode, ...noWords });
    expect(await exec('rack/stand-in-1', '--', ...argv)).toMatchObject({ exitCode, ...noWords });
  });

  test('input and output pass through byte by byte', async () => {
    const bytes = randomBytes(3_000_000);
    const words = machine.words(user, [...labWords, 'exec', 'rack/stand-in-2', '--', 'cat']);
    const [program = '', ...args] = words;
    const child = spawn(program, args, { stdio: ['pipe', 'pipe', 'inherit'] });
    child.stdin.end(bytes);
    const chunks: Buffer[] = [];
    child.stdout.on('data', (chunk: Buffer) => chunks.push(chunk));
    await once(child, 'close');
    expect(Buffer.concat(chunks).equals(bytes)).toBe(true);
  });

  test('options of the command are its own, also without --', async () => {
    expect((await exec('devstack', 'ls', '--json')).stderr).toContain("unrecognized option '--json'");
    expect((await exec('devstack', '--', 'echo', '--help', '-q')).stdout).toBe('--help -q\n');
  });

  test('--json prints one document', async () => {
    const { stdout, exitCode } = await exec(
      '--json',
      'rack',
      '--',
      'sh',
      '-c',
      'echo out; echo err >&2; exit 5',
    );
    expect(exitCode).toBe(5);
    expect(JSON.parse(stdout)).toEqual({
      schema: 'lab/exec/1',
      host: 'rack',
      argv: ['sh', '-c', 'echo out; echo err >&2; exit 5'],
      exitCode: 5,
      stdout: 'out\n',
      stderr: 'err\n',
    });
  });

  test.each(['SIGTERM', 'SIGHUP', 'SIGUSR1', 'SIGINT'] as const)('%s is the command’s', async (signal) => {
    const name = signal.slice(3);
    const script = `trap 'echo got ${name} >&2; exit 42' ${name}; echo ready >&2; while :; do sleep 0.02; done`;
    const running = machine.start(user, ['exec', 'devstack', '--', 'sh', '-c', script]);
    await running.said('ready');
    running.signal(signal);
    const { exitCode, stderr } = await running.ended;
    expect(stderr).toContain(`got ${name}`);
    expect(exitCode).toBe(42);
  });

  const inTerminal = (script: string): Terminal => {
    const lab = labWords.join(' ');
    const terminal = openTerminal(machine.words(user, ['bash', '-c', script.replaceAll('LAB', lab)]));
    onTestFinished(() => terminal.kill());
    return terminal;
  };

  test('Ctrl-C on a terminal is the command’s alone: it may live on', async () => {
    const inner = `trap "echo caught" INT; echo ready; read line; echo "read $line"; exit 9`;
    const terminal = inTerminal(`LAB exec devstack -- bash -c '${inner}'; echo ended with $?`);
    await terminal.see('ready');
    terminal.send('\x03');
    await terminal.see('caught');
    terminal.send('words\n');
    await terminal.see('read words');
    await terminal.see('ended with 9');
  });

  test('a shell finds what there is, has a prompt, job control and a terminal', async () => {
    const terminal = inTerminal('LAB shell; echo ended with $?');
    await terminal.see('flat devstack');
    await terminal.see('/# ');
    for (const [line, answer] of [
      ['ovs-vsctl list-br', 'br-eth2'],
      ['virsh list --all', 'baremetalbrbm_1'],
      ['ip netns', 'qdhcp-'],
      ['echo term $TERM history $HISTFILE', 'term xterm history /run/shell-history'],
      ['tty', '/dev/pts/'],
      ['sleep 100 & jobs', 'Running'],
      ['kill %1; wait; echo $((6 * 7))', '42'],
      ['stty -a | head -1', 'speed'],
    ] as const) {
      terminal.send(`${line}\n`);
      await terminal.see(answer);
    }
    terminal.send('sleep 4711\n');
    const sleeping = () => machine.sh('root', 'pgrep -f "^sleep 4711" || true');
    await waitFor('sleep', async () => (await sleeping()) || undefined, { timeoutMs: 10_000 });
    terminal.send('\x03');
    await terminal.see('^C');
    terminal.send('echo interrupted $?\n');
    const seen = await terminal.see('interrupted 130');
    expect(seen).not.toMatch(/job control|not available|cannot/);
    terminal.send('exit 7\n');
    await terminal.see('ended with 7');
  });

  test('a shell in a namespace says where it is', async () => {
    const terminal = inTerminal('LAB shell rack/stand-in-1; echo ended with $?');
    await terminal.see('flat rack/stand-in-1');
    terminal.send('ip -o link show eth0 | cat\n');
    await terminal.see('52:54:00:00:02:01');
    terminal.send('exit\n');
    await terminal.see('ended with 0');
  });

  test('a shell without a terminal reads a script', async () => {
    const words = machine.words(user, [...labWords, 'shell', 'rack']);
    const [program = '', ...args] = words;
    const child = spawn(program, args, { stdio: ['pipe', 'pipe', 'inherit'] });
    child.stdin.end('hostname\nexit 4\n');
    const closed = once(child, 'close');
    expect(await text(child.stdout)).toBe('rack\n');
    expect(await closed).toEqual([4, null]);
  });

  test('a place that is not there is an error that lists those that are', async () => {
    const host = await exec('nowhere', '--', 'true');
    expect(host.exitCode).toBe(2);
    expect(host.stderr).toMatch(/there is no host "nowhere"\ntry: one of devstack, devstack\/qdhcp-/);
    const namespace = await exec('rack/stand-in', '--', 'true');
    expect(namespace.exitCode).toBe(2);
    expect(namespace.stderr).toContain('fits several namespaces: stand-in-1, stand-in-2');
  });
});

test('the terminal is as it was when a lab goes down under a shell', async () => {
  const name = ['--name', 'short-lived'];
  const up = await machine.lab('root', ['up', 'flat', ...name]);
  expect(up.exitCode, up.stderr).toBe(0);
  const lab = labWords.join(' ');
  const script = `stty -g > /run/etc/before; ${lab} shell ${name.join(' ')}; echo ended with $?; stty -g > /run/etc/after; echo done`;
  const terminal = openTerminal(machine.words('root', ['bash', '-c', script]));
  onTestFinished(() => terminal.kill());
  await terminal.see('/# ');
  await machine.lab('root', ['down', 'short-lived']);
  await terminal.see('ended with 137');
  await terminal.see('done');
  await machine.sh('root', 'cmp /run/etc/before /run/etc/after && rm /run/etc/before /run/etc/after');
});

test('the files that the caller has open are not held by the lab', async () => {
  const lab = labWords.join(' ');
  const lock = '/run/etc/lock';
  const script = [
    `exec 200> ${lock}; flock 200; ${lab} up flat --name held; exec 200>&-`,
    `flock --nonblock ${lock} true && echo free`,
    `rm ${lock}; ${lab} down held`,
  ];
  const words = machine.words('root', ['bash', '-c', script.join('\n')]);
  expect((await run(words, { timeoutMs: 60_000 })).stdout).toBe('free\n');
});

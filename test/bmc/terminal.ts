import { spawn } from 'node:child_process';
import { waitFor } from '../../src/wait.ts';

/** A program in a terminal of its own, as a person uses it. */
export interface Terminal {
  send(text: string): void;
  /** Resolves with everything seen when the text is there. */
  see(text: string): Promise<string>;
  /** Resolves when the program has ended. */
  ended(): Promise<void>;
  kill(): void;
}

const defaultPatienceMs = 10_000;

/** Runs a program under script(1), which gives it a terminal. */
export function openTerminal(
  argv: readonly string[],
  env: Readonly<Record<string, string>> = {},
  patienceMs = defaultPatienceMs,
): Terminal {
  const command = argv.map((word) => `'${word.replaceAll("'", `'\\''`)}'`).join(' ');
  const child = spawn('script', ['-qefc', command, '/dev/null'], {
    stdio: ['pipe', 'pipe', 'pipe'],
    env: { ...process.env, ...env },
  });
  let seen = '';
  let isOver = false;
  child.stdout.on('data', (bytes: Buffer) => {
    seen += bytes.toString('latin1');
  });
  child.stderr.on('data', (bytes: Buffer) => {
    seen += bytes.toString('latin1');
  });
  child.on('exit', () => {
    isOver = true;
  });
  return {
    send: (text) => child.stdin.write(text),
    see: (text) =>
      waitFor(`"${text}" from ${argv[0]}`, () => (seen.includes(text) ? seen : undefined), {
        timeoutMs: patienceMs,
        lastSeen: () => seen.slice(-500),
      }),
    ended: () =>
      waitFor(`the end of ${argv[0]}`, () => isOver || undefined, {
        timeoutMs: patienceMs,
        lastSeen: () => seen.slice(-500),
      }).then(() => {}),
    kill: () => {
      child.kill('SIGKILL');
    },
  };
}

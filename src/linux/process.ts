import { execa, type Options } from 'execa';
import { LabError } from '../errors.ts';

/** What a finished program left behind. */
export interface Finished {
  readonly argv: readonly string[];
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunOptions {
  /** Written to the program's standard input; without it the input is empty. */
  readonly input?: string | Uint8Array;
  /** Added to the environment. */
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
  /** Deadline in ms; the program is killed and the run fails when it passes. Default 30 s. */
  readonly timeoutMs?: number;
  /** Exit codes that are answers rather than failures. Default [0]. */
  readonly accept?: readonly number[];
  readonly signal?: AbortSignal | undefined;
  /** What a failure calls the command; default: its words. */
  readonly shownAs?: string;
}

/**
 * Runs a program to its end and answers its output. No shell is involved.
 *
 * @throws LabError `lab-failed` with the program's own words when it cannot start, is killed, or exits with a
 *   code that is not in `accept`; `machine-lacks` when there is no such program
 */
export async function run(argv: readonly string[], options: RunOptions = {}): Promise<Finished> {
  const [program, ...args] = argv;
  if (program === undefined) throw new TypeError('run() needs a program');
  const execaOptions: Options = {
    reject: false,
    timeout: options.timeoutMs ?? 30_000,
    killSignal: 'SIGKILL',
    stripFinalNewline: false,
    maxBuffer: 256 * 1024 * 1024,
    ...(options.input === undefined ? { stdin: 'ignore' } : { input: options.input }),
    ...(options.env ? { env: options.env } : {}),
    ...(options.cwd ? { cwd: options.cwd } : {}),
    ...(options.signal ? { cancelSignal: options.signal } : {}),
  };
  const result = await execa(program, args, execaOptions);
  if (result.isCanceled) throw options.signal?.reason ?? new LabError('interrupted', 'interrupted');
  const stdout = String(result.stdout ?? '');
  const stderr = String(result.stderr ?? '');
  const code = result.exitCode;
  if (code === undefined || !(options.accept ?? [0]).includes(code)) {
    const missing = result.code === 'ENOENT' ? program : notFound(code, stderr);
    if (missing) {
      throw new LabError('machine-lacks', `${missing} is not installed`, {
        remedy: 'run `lab doctor` to see what is missing and the command that installs it',
        cause: result.cause,
      });
    }
    throw new LabError('lab-failed', failure(argv, options, { ...result, exitCode: code, stdout, stderr }), {
      cause: result.cause,
    });
  }
  return { argv, exitCode: code, stdout, stderr };
}

/** The program that nsenter(1), unshare(1) or a shell could not find. */
export function notFound(exitCode: number | undefined, stderr: string): string | undefined {
  // ip(8) has no exit code for it.
  const byIp = /^exec of "(.+)" failed: No such file or directory$/m.exec(stderr)?.[1];
  if (byIp || exitCode !== 127) return byIp;
  return /(?:failed to execute |exec: |^sh: \d+: )(\S+): (?:No such file or directory|not found)/m.exec(
    stderr,
  )?.[1];
}

/** A command as a failure shows it: of a script the line that it ends with. */
export function shown(argv: readonly string[], where = ''): string {
  const words = argv.map((word) => word.trim().split('\n').at(-1)).join(' ');
  return `\`${words.length > 300 ? `${words.slice(0, 300)}…` : words}\`${where}`;
}

function failure(
  argv: readonly string[],
  options: RunOptions,
  result: {
    exitCode: number | undefined;
    timedOut: boolean;
    signal?: string;
    stdout: string;
    stderr: string;
  },
): string {
  const command = options.shownAs ?? shown(argv);
  const said = (result.stderr.trim() || result.stdout.trim()).slice(-2000);
  const how = result.timedOut
    ? `did not end within ${options.timeoutMs ?? 30_000} ms`
    : result.signal
      ? `was ended by ${result.signal}`
      : `exited with ${result.exitCode ?? 'no code'}`;
  return `${command} ${how}${said ? `: ${said}` : ''}`;
}

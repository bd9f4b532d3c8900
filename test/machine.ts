import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import {
  createHost,
  enter,
  enterInForeground,
  type Host,
  runIn,
  seenFromOutside,
} from '../src/linux/host.ts';
import { endHosts } from '../src/linux/host-processes.ts';
import { type Finished, type RunOptions, run } from '../src/linux/process.ts';
import { childOf } from '../src/linux/process-identity.ts';
import { waitFor } from '../src/wait.ts';

const anyExitCode = Array.from({ length: 256 }, (_, code) => code);

/** Who uses the machine. An ordinary user's PATH is that of Debian's login: without the sbin folders. */
export type User = 'root' | 'alice' | 'bob';

const ids: Record<User, number> = { root: 0, alice: 1500, bob: 1501 };
const home = (user: User) => `/tmp/${user}`;

/**
 * A machine for tests: processes, mounts, interfaces, /tmp and /run of its own, so that whatever a command leaves
 * behind can be told from what runs on the real machine at the same time. Everyone may open /dev/net/tun. Of
 * its ordinary users alice has subordinate ids and bob has none.
 */
export class Machine {
  readonly host: Host;
  private readonly folder: string;

  /** @param binds folders of the real machine that it has too: [source, target below /run] */
  static async start(binds: readonly (readonly [string, string])[] = []): Promise<Machine> {
    const folder = mkdtempSync(join(tmpdir(), 'machine-'));
    const host = await createHost({
      name: 'machine',
      folder,
      binds: [[process.cwd(), '/run/project'], [dirname(process.execPath), '/run/node'], ...binds],
    });
    const machine = new Machine(host, folder);
    try {
      await machine.sh('root', setUp);
      return machine;
    } catch (error) {
      await machine.end();
      throw error;
    }
  }

  private constructor(host: Host, folder: string) {
    this.host = host;
    this.folder = folder;
  }

  /** Ends it and everything on it. */
  async end(): Promise<void> {
    await endHosts(this.folder);
    rmSync(this.folder, { recursive: true });
  }

  /** Where a path of the machine is seen from outside. */
  path(path: string): string {
    return seenFromOutside(this.host, path);
  }

  /** Runs a shell script on it, which must succeed. */
  async sh(user: User, script: string, options: RunOptions = {}): Promise<string> {
    const words = [...as(user, {}), 'sh', '-ec', script];
    return (await runIn(this.host, words, options)).stdout;
  }

  /** The words that run a program on it in the foreground. */
  words(user: User, argv: readonly string[]): string[] {
    return [...enterInForeground(this.host), ...as(user, { TERM: 'xterm' }), ...argv];
  }

  /** Runs the built `lab` to its end, whatever its exit code. */
  lab(user: User, args: readonly string[], options: RunOptions = {}): Promise<Finished> {
    const { env = {}, ...rest } = options;
    return run([...enter(this.host), ...as(user, env), ...labWords, ...args], {
      accept: anyExitCode,
      timeoutMs: 60_000,
      ...rest,
    });
  }

  /** Starts `lab` as a shell on a terminal does: in a process group of its own. */
  start(user: User, args: readonly string[]): RunningLab {
    return new RunningLab([
      ...enter(this.host),
      'setsid',
      '--fork',
      '--wait',
      ...as(user, {}),
      ...labWords,
      ...args,
    ]);
  }
}

/** How a machine runs the built `lab`. */
export const labWords = [`/run/node/${basename(process.execPath)}`, '/run/project/dist/lab.js'];

function as(user: User, env: Readonly<Record<string, string>>): string[] {
  const path = user === 'root' ? '/usr/sbin:/usr/bin:/sbin:/bin' : '/usr/local/bin:/usr/bin:/bin';
  const variables = { HOME: home(user), USER: user, PATH: path, LANG: 'C.UTF-8', NO_COLOR: '1', ...env };
  return [
    ...(user === 'root'
      ? []
      : ['setpriv', `--reuid=${ids[user]}`, `--regid=${ids[user]}`, '--clear-groups', '--']),
    ...['env', '-i', ...Object.entries(variables).map(([name, value]) => `${name}=${value}`)],
  ];
}

/** The files of the real machine stay as they are: others are laid over them. */
const setUp = `
mkdir /run/etc ${home('root')}
cp /etc/passwd /etc/group /run/etc
for user in alice:${ids.alice} bob:${ids.bob}; do
  name=\${user%:*} id=\${user#*:}
  echo "$name:x:$id:$id::/tmp/$name:/bin/bash" >> /run/etc/passwd
  echo "$name:x:$id:" >> /run/etc/group
  install -d -m 0750 -o "$id" -g "$id" "/tmp/$name"
done
echo 'alice:200000:65536' > /run/etc/subuid
cp /run/etc/subuid /run/etc/subgid
for file in passwd group subuid subgid; do mount --bind /run/etc/$file /etc/$file; done
mknod /run/etc/tun c 10 200
chmod 0666 /run/etc/tun
mount --bind /run/etc/tun /dev/net/tun
`;

/** A `lab` that runs on a machine. */
export class RunningLab {
  readonly ended: Promise<{ readonly exitCode: number | null; readonly stderr: string }>;
  private readonly child: ChildProcess;
  private stderr = '';

  constructor(argv: readonly string[]) {
    const [program = 'sh', ...args] = argv;
    this.child = spawn(program, args, { stdio: ['ignore', 'ignore', 'pipe'] });
    this.child.stderr?.on('data', (text: Buffer) => {
      this.stderr += text.toString();
    });
    this.ended = new Promise((resolve) => {
      this.child.once('close', (exitCode) => resolve({ exitCode, stderr: this.stderr }));
    });
  }

  /** The number of the process as the real machine has it: nsenter -> setsid -> lab. Undefined once it has ended. */
  private get pid(): number | undefined {
    const setsid = childOf(this.child.pid ?? 0);
    return setsid && childOf(setsid);
  }

  /** Waits until it has said something on standard error. */
  async said(words: string): Promise<void> {
    await waitFor(`lab to say "${words}"`, () => (this.stderr.includes(words) ? true : undefined), {
      timeoutMs: 20_000,
      lastSeen: () => this.stderr,
    });
  }

  /** Sends a signal to it alone, or with `group` to all of its group, as a terminal does. */
  signal(signal: NodeJS.Signals, to: 'alone' | 'group' = 'alone'): void {
    const { pid } = this;
    if (pid !== undefined) process.kill(to === 'group' ? -pid : pid, signal);
  }
}

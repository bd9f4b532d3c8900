import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { LabError } from '../errors.ts';
import { enter, type Host } from '../linux/host.ts';

/** Where a host finds the lab's own programs, node, and the images, which the machine may have anywhere. */
export const softwareInHost = '/run/software';
export const nodeInHost = '/run/node';
export const imagesInHost = '/run/images';
/** Where OpenStack's clients are: nova, neutron, glance, ironic. */
export const clientsInHost = `${softwareInHost}/dist/clients`;

/** The folder of the package, whose `dist` holds the programs. A build replaces `dist`, but not the folder. */
export function softwareFolder(): string {
  let folder = import.meta.dirname;
  while (!existsSync(join(folder, 'package.json'))) folder = dirname(folder);
  return folder;
}

/** The words that run one of the lab's programs in a host. */
export function programInHost(program: string): string[] {
  return [`${nodeInHost}/${basename(process.execPath)}`, `${softwareInHost}/dist/${program}.js`];
}

const startTimeoutMs = 20_000;

/**
 * Starts a program of the lab's own in a host, where it goes on when this process ends, and answers when it has
 * printed its first line: it is ready.
 *
 * @param program the bundle's name without its ending
 * @throws LabError `lab-failed` with what it said when it ends instead
 */
export function startProgram(host: Host, program: string, args: readonly string[]): Promise<void> {
  const argv = [...enter(host), ...programInHost(program), ...args];
  return startProgramBy(argv, { name: program, host: host.name });
}

/** The same by a whole command, the words that enter the host included. */
export function startProgramBy(
  argv: readonly string[],
  { name: program, host }: { readonly name: string; readonly host: string },
): Promise<void> {
  const [command = 'sh', ...rest] = argv;
  const child = spawn(command, rest, { stdio: ['ignore', 'pipe', 'pipe'], detached: true });
  return new Promise((resolve, reject) => {
    let said = '';
    const fail = (why: string) => {
      letGo(child);
      reject(
        new LabError('lab-failed', `${program} in ${host} ${why}${said ? `: ${firstError(said)}` : ''}`),
      );
    };
    const timer = setTimeout(() => {
      child.kill('SIGKILL');
      fail(`was not ready within ${startTimeoutMs} ms`);
    }, startTimeoutMs);
    child.stderr?.on('data', (data: Buffer) => {
      said += data.toString();
    });
    child.stdout?.once('data', () => {
      clearTimeout(timer);
      letGo(child);
      resolve();
    });
    child.once('exit', (code, signal) => {
      clearTimeout(timer);
      fail(`ended with ${signal ?? code}`);
    });
  });
}

/** Lets this process end while the program runs. */
function letGo(child: ChildProcess): void {
  child.removeAllListeners('exit');
  child.stdout?.destroy();
  child.stderr?.destroy();
  child.unref();
}

/** The line of a stack that says what went wrong. */
function firstError(said: string): string {
  return (said.split('\n').find((line) => /^\w*Error\b/.test(line)) ?? said).trim();
}

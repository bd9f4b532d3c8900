import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { LabError, messageOf } from '../errors.ts';
import { hostInitScript } from './host-init.ts';
import { hostMark } from './host-processes.ts';
import { type Finished, notFound, type RunOptions, run, shown } from './process.ts';
import { identify, isRunning, type ProcessIdentity } from './process-identity.ts';
import { isRoot, newUserNamespace } from './user.ts';

/**
 * A private machine made of mount, net, pid, uts and ipc namespaces (and a user namespace when not root). It is a
 * plain value that can be stored; everything in it ends with its PID 1.
 */
export interface Host {
  readonly name: string;
  /** Its folder on the machine; inside the host it is /run/lab. */
  readonly folder: string;
  /** unshare(1), which ends the host's PID 1 with itself. */
  readonly supervisor: ProcessIdentity;
  /** The host's PID 1 as the machine sees it. */
  readonly init: ProcessIdentity;
  readonly userNamespace: boolean;
}

export interface HostOptions {
  readonly name: string;
  readonly folder: string;
  /** Folders of the machine that show other folders of the machine inside: [source, target]. */
  readonly binds?: readonly (readonly [source: string, target: string])[];
  /** The host whose user namespace is shared, so that links can be laid between the two. */
  readonly sharesUserNamespaceOf?: Host;
}

/**
 * Makes a host and answers when its mounts are in place and its loopback is up. Its processes are marked with its
 * folder from the start: `endHosts` finds them even should this process die now.
 *
 * @throws LabError `lab-failed` with what the host's set-up printed
 */
export async function createHost(options: HostOptions): Promise<Host> {
  const shared = options.sharesUserNamespaceOf;
  const [program = 'unshare', ...args] = [
    ...(shared ? enterUser(shared) : []),
    ...newNamespaces(!isRoot() && !shared),
    ...['sh', '-c', hostInitScript(options), `lab:${options.name}`],
  ];
  const log = join(options.folder, 'host.log');
  const logFd = openSync(log, 'w', 0o600);
  const child = spawn(program, args, {
    cwd: options.folder,
    env: { ...process.env, [hostMark]: options.folder },
    detached: true,
    stdio: ['ignore', 'pipe', logFd],
  });
  closeSync(logFd);
  const failure = (why: string, cause?: unknown) => {
    const said = readFileSync(log, 'utf8').trim();
    const message = `host ${options.name} could not be made: ${said || why}`;
    const lacking = notFound(child.exitCode ?? undefined, said) !== undefined;
    return new LabError(lacking ? 'machine-lacks' : 'lab-failed', message, { remedy: 'lab doctor', cause });
  };
  try {
    const supervisor = child.pid === undefined ? undefined : identify(child.pid);
    const init = identify(Number(await firstLine(child)));
    if (!supervisor || !init) throw failure('it ended while it was set up');
    return { name: options.name, folder: options.folder, supervisor, init, userNamespace: !isRoot() };
  } catch (error) {
    child.kill('SIGKILL');
    throw error instanceof LabError ? error : failure(messageOf(error), error);
  } finally {
    child.stdout?.destroy();
    child.unref();
  }
}

/** The host's first line on standard output: PID 1's number, printed when the host is ready. */
function firstLine(child: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = '';
    child.stdout?.setEncoding('utf8');
    child.stdout?.on('data', (chunk: string) => {
      text += chunk;
      const end = text.indexOf('\n');
      if (end >= 0) resolve(text.slice(0, end));
    });
    child.once('error', reject);
    child.once('exit', (code, signal) => reject(new Error(`its set-up ended with ${signal ?? code}`)));
  });
}

/** The words before a command that give it namespaces of its own; its end is that of all that it started. */
export function newNamespaces(user: boolean): string[] {
  return [
    ...(user ? newUserNamespace : ['unshare']),
    '--mount',
    '--net',
    '--pid',
    '--uts',
    '--ipc',
    '--fork',
    '--kill-child',
    '--',
  ];
}

function enterUser(host: Host): string[] {
  return host.userNamespace ? [...nsenter(host), '--'] : [];
}

/** The words before a command that make it run inside the host, and in one of its network namespaces. */
export function enter(host: Host, namespace?: string): string[] {
  return [...nsenter(host), ...allNamespaces, '--', ...inNamespace(namespace)];
}

/**
 * The same for a shell that takes the place of nsenter(1), so that its pipes are held by nobody else. It is not in the
 * host's process namespace itself, only what it starts is.
 */
export function enterUnforked(host: Host): string[] {
  return [...nsenter(host), ...allNamespaces, '--no-fork', '--'];
}

/**
 * The same for a command that a person or script talks to. nsenter(1) waits for its child and dies of the terminal's
 * Ctrl-C even when the child lives on; this shell leaves it to the child, says nothing itself, and answers with the
 * child's exit code.
 */
export function enterInForeground(host: Host, namespace?: string): string[] {
  const waiting = `trap : INT QUIT; exec 9>&2 2> /dev/null; (exec "$@" 2>&9 9>&-); exit $?`;
  return [
    ...enterUnforked(host),
    ...['sh', '-c', waiting, 'sh'],
    // ip(8) exits with 1 when there is no such program, env(1) with 127 as shells do.
    ...(namespace ? [...inNamespace(namespace), 'env', '--'] : []),
  ];
}

const allNamespaces = ['--mount', '--net', '--pid', '--uts', '--ipc'];

function nsenter(host: Host): string[] {
  return ['nsenter', '--target', String(host.init.pid), ...(host.userNamespace ? ['--user'] : [])];
}

function inNamespace(namespace: string | undefined): string[] {
  return namespace ? ['ip', 'netns', 'exec', namespace] : [];
}

/**
 * The words before a command that leave it the machine's own view of processes and files but put it on a host's
 * network: what lays cables between two hosts needs both.
 */
export function enterNetwork(host: Host): string[] {
  return [...nsenter(host), '--net', '--'];
}

/**
 * The words before a command of the lab's own that runs in a host, ends with it, and still finds its files where the
 * machine has them.
 */
export function enterKeepingFiles(host: Host, namespace?: string): string[] {
  const net = namespace ? `--net=${seenFromOutside(host, `/run/netns/${namespace}`)}` : '--net';
  return [...nsenter(host), net, '--pid', '--uts', '--ipc', '--'];
}

/** Runs a program to its end inside a host. See `run` for what it answers and throws. */
export function runIn(
  host: Host,
  argv: readonly string[],
  options: RunOptions & { readonly namespace?: string } = {},
): Promise<Finished> {
  const { namespace, ...rest } = options;
  const shownAs = shown(argv, ` in ${host.name}${namespace ? `/${namespace}` : ''}`);
  return run([...enter(host, namespace), ...argv], { shownAs, ...rest });
}

/** Where a path of the host is seen from the machine (proc(5), /proc/PID/root). */
export function seenFromOutside(host: Host, path: string): string {
  return `/proc/${host.init.pid}/root${path}`;
}

/** Whether the host still runs. */
export function hostIsAlive(host: Host): boolean {
  return isRunning(host.init) && isRunning(host.supervisor);
}

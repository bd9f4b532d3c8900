import { type Finished, type RunOptions, run } from '../linux/process.ts';
import { shellQuote } from '../linux/shell-quote.ts';

/** A libvirtd, and how it is reached. */
export interface LibvirtConnection {
  /** Such as qemu:///system. */
  readonly uri: string;
  /** The words before `virsh` that make it run where that libvirtd is; see `enter` of a host. */
  readonly prefix?: readonly string[];
  /** Where the file system of that place is seen from here; see `seenFromOutside` of a host. */
  readonly root?: string;
}

/** The words of a virsh command on a connection. Its answers are in English. */
export function virshArguments({ uri, prefix = [] }: LibvirtConnection, words: readonly string[]): string[] {
  return [...prefix, 'env', 'LC_ALL=C', 'virsh', '--connect', uri, ...words];
}

/** Runs a virsh command to its end. See `run` for what it answers and throws. */
export function virsh(
  connection: LibvirtConnection,
  words: readonly string[],
  options: RunOptions = {},
): Promise<Finished> {
  return run(virshArguments(connection, words), options);
}

/**
 * Several commands as the one word that lets one virsh give them, one after the other. It goes on after one that failed:
 * what failed is on its standard error, as lines that begin with "error:".
 */
export function virshCommands(commands: readonly (readonly string[])[]): string {
  return commands.map((words) => words.map(shellQuote).join(' ')).join('; ');
}

/** Where a command that is run with a document finds it. */
export const xmlFile = '/dev/stdin';

/** Runs a virsh command that takes an XML file (`define`, `create`), `xmlFile`, with this document. */
export function virshWithXml(
  connection: LibvirtConnection,
  words: readonly string[],
  xml: string,
  options: RunOptions = {},
): Promise<Finished> {
  const { prefix = [], ...rest } = connection;
  // Our standard input is a socket, which cannot be opened by its name; a pipe can.
  const piped = ['sh', '-c', 'cat | "$@"', 'sh', ...virshArguments(rest, words)];
  return run([...prefix, ...piped], { ...options, input: xml });
}

/** A domain's XML: as it runs, or (`inactive`) as it will be started next, with nothing left out. */
export async function domainXmlOf(
  connection: LibvirtConnection,
  domain: string,
  which: 'live' | 'inactive',
): Promise<string> {
  const words = which === 'inactive' ? ['--inactive', '--security-info'] : [];
  return (await virsh(connection, ['dumpxml', domain, ...words])).stdout;
}

/**
 * Gives QEMU's monitor a QMP command.
 *
 * @throws LabError `lab-failed` when QEMU refuses it
 */
export async function qemuMonitor(
  connection: LibvirtConnection,
  domain: string,
  execute: string,
  parameters: Readonly<Record<string, unknown>>,
): Promise<void> {
  const command = JSON.stringify({ execute, arguments: parameters });
  await virsh(connection, ['qemu-monitor-command', domain, command]);
}

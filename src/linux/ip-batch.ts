import { enter, enterNetwork, type Host } from './host.ts';
import { run } from './process.ts';

/**
 * Carries out `ip` commands in one process: 1 ms a line instead of 4 ms a process.
 *
 * @param lines ip(8) commands without the leading `ip`
 * @throws LabError with the line that failed
 */
export async function ipBatch(
  host: Host,
  lines: readonly string[],
  options: { readonly namespace?: string } = {},
): Promise<void> {
  await batch(enter(host, options.namespace), lines);
}

/** The same on a host's network, with process numbers and files as the machine has them. */
export async function ipBatchFromOutside(host: Host, lines: readonly string[]): Promise<void> {
  await batch(enterNetwork(host), lines);
}

async function batch(prefix: readonly string[], lines: readonly string[]): Promise<void> {
  if (lines.length > 0) await run([...prefix, 'ip', '-batch', '-'], { input: `${lines.join('\n')}\n` });
}

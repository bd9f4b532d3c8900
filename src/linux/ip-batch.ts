import { type Host, runIn } from './host.ts';

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
  if (lines.length === 0) return;
  const input = `${lines.join('\n')}\n`;
  await runIn(host, ['ip', '-batch', '-'], { ...options, input });
}

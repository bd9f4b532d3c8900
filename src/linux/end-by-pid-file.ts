import { type Host, runIn } from './host.ts';

const script = 'pid=$(cat "$1"); kill "-$2" "$pid"; while kill -0 "$pid" 2> /dev/null; do sleep 0.01; done';

/** Ends a daemon in a host, whose process number a file there holds, and answers when it is gone. */
export async function endByPidFile(
  host: Host,
  pidFile: string,
  signal: 'TERM' | 'KILL' = 'TERM',
): Promise<void> {
  await runIn(host, ['sh', '-ec', script, 'sh', pidFile, signal]);
}

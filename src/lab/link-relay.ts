import { writeFileSync } from 'node:fs';
import { createConnection } from 'node:net';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { LabError, messageOf } from '../errors.ts';
import type { LinkState, RelayAnswer, RelayRequest, RelaySettings } from '../links/relay-protocol.ts';
import { enterKeepingFiles, seenFromOutside } from '../linux/host.ts';
import { linkRelayPidFile } from './daemons.ts';
import type { PlannedLink } from './plan.ts';
import type { Lab } from './record.ts';
import { startProgramBy } from './software.ts';

const socketPath = '/run/link-relay.sock';

/** Lays the cables that have faults: answers when all of them forward. The namespaces of their ends are there. */
export async function startLinkRelay(
  hosts: Pick<Lab, 'devstack' | 'rack'>,
  links: readonly PlannedLink[],
): Promise<void> {
  const { devstack } = hosts;
  const end = ({ host, namespace, device }: PlannedLink['near']) => ({
    device,
    namespace: namespace
      ? seenFromOutside(hosts[host], `/run/netns/${namespace}`)
      : `/proc/${hosts[host].init.pid}/ns/net`,
  });
  const settings: RelaySettings = {
    pidFile: seenFromOutside(devstack, linkRelayPidFile),
    socket: seenFromOutside(devstack, socketPath),
    links: links.map(({ name, faults, near, far }) => ({ name, faults, near: end(near), far: end(far) })),
  };
  const file = join(devstack.folder, 'link-relay.json');
  writeFileSync(file, JSON.stringify(settings), { mode: 0o600 });
  const program = join(import.meta.dirname, 'link-relay.js');
  await startProgramBy([...enterKeepingFiles(devstack), process.execPath, program, file], {
    name: 'link-relay',
    host: devstack.name,
  });
}

/**
 * Asks for the state of a link with a relay, after setting other faults if they are given.
 *
 * @throws LabError `lab-failed` when the relay does not run
 */
export function askLinkRelay({ devstack }: Pick<Lab, 'devstack'>, request: RelayRequest): Promise<LinkState> {
  const failed = (why: string, cause?: unknown) =>
    new LabError('lab-failed', `the relay of link ${request.link} ${why}`, { cause });
  return new Promise((resolve, reject) => {
    const connection = createConnection(seenFromOutside(devstack, socketPath));
    connection.once('error', (cause) => reject(failed(`does not answer: ${messageOf(cause)}`, cause)));
    connection.once('close', () => reject(failed('ended')));
    createInterface({ input: connection }).once('line', (line) => {
      const answer = JSON.parse(line) as RelayAnswer;
      if ('error' in answer) reject(failed(`refuses: ${answer.error}`));
      else resolve(answer);
      connection.end();
    });
    connection.write(`${JSON.stringify(request)}\n`);
  });
}

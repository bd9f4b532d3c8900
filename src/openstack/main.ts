import { LabError, messageOf } from '../errors.ts';
import { ApiClient } from '../ironic/api-client.ts';
import { conductorSocket } from '../ironic/start.ts';
import { waitFor } from '../wait.ts';
import { type ClientName, runClient } from './clients/run.ts';

/*
 * OpenStack's clients as programs in devstack: `openstack nova flavor-list`. Whoever opens a shell there starts the
 * conductor, which may still be starting.
 */

const startTimeoutMs = 15_000;

const [name = 'nova', ...args] = process.argv.slice(2);
try {
  await runClient(name as ClientName, args, {
    api: async () => {
      const api = new ApiClient(conductorSocket, async () => undefined);
      await waitFor('the conductor to answer', () => api.get<object>('/').catch(() => undefined), {
        timeoutMs: startTimeoutMs,
        lastSeen: () => '`lab node list`, outside this shell, starts it',
      });
      return api;
    },
    print: (text) => process.stdout.write(`${text}\n`),
  });
} catch (error) {
  process.stderr.write(`${messageOf(error)}\n`);
  if (error instanceof LabError && error.remedy) process.stderr.write(`try: ${error.remedy}\n`);
  process.exitCode = error instanceof LabError ? error.exitCode : 3;
}

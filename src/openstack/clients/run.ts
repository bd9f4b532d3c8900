import { type Command, CommanderError } from 'commander';
import { LabError } from '../../errors.ts';
import type { ClientContext } from './client.ts';
import { glanceClient } from './glance.ts';
import { ironicClient } from './ironic.ts';
import { neutronClient } from './neutron.ts';
import { novaClient } from './nova.ts';

const clients = {
  nova: novaClient,
  neutron: neutronClient,
  glance: glanceClient,
  ironic: ironicClient,
} satisfies Record<string, (context: ClientContext) => Command>;

export type ClientName = keyof typeof clients;
export const clientNames = Object.keys(clients) as ClientName[];

/**
 * Runs one of OpenStack's clients.
 *
 * @throws LabError `usage` for what it does not know
 */
export async function runClient(
  name: ClientName,
  args: readonly string[],
  context: ClientContext,
): Promise<void> {
  try {
    await clients[name](context).parseAsync(args, { from: 'user' });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    if (error.exitCode !== 0) {
      throw new LabError('usage', `${name}: ${error.message.replace(/^error: /, '')}`, {
        remedy: `${name} --help, or ${name} SUBCOMMAND --help`,
      });
    }
  }
}

import { writeFileSync } from 'node:fs';
import { runIn, seenFromOutside } from '../linux/host.ts';
import {
  askingMs,
  askingOnce,
  clientCommand,
  type DhcpOptions,
  type Lease,
  leaseOf,
  placeClientScript,
} from './dhcp-client.ts';
import type { StandIn } from './stand-in.ts';

const listPath = '/run/dhcp-clients';

/** Starts all the clients on the list, waits for them, and shows what each said under its name. */
const script = `
list=$1; shift
while read -r name namespace nic; do
  nsenter --net="/run/netns/$namespace" -- "$@" -i "$nic" > "/run/dhcp-$name.out" 2> /dev/null < /dev/null &
done < "$list"
wait
while read -r name rest; do echo "client $name"; cat "/run/dhcp-$name.out"; done < "$list"
`;

/**
 * Lets stand-ins of one host ask for an address all at once, and answers what each was given, by its name. One shell
 * starts all the clients: to enter the host for each would take longer than DHCP does.
 */
export async function dhcpAtOnce(
  standIns: readonly StandIn[],
  options: DhcpOptions = {},
): Promise<ReadonlyMap<string, Lease | undefined>> {
  const host = standIns[0]?.place.host;
  if (!host) return new Map();
  placeClientScript(host);
  const list = standIns.map(({ name, place }) => `${name} ${place.namespace} ${place.nic}\n`);
  writeFileSync(seenFromOutside(host, listPath), list.join(''));
  const { stdout } = await runIn(
    host,
    ['sh', '-c', script, 'sh', listPath, ...clientCommand(askingOnce(options))],
    { timeoutMs: 2 * askingMs(options), shownAs: 'the DHCP clients' },
  );
  const told = stdout.split(/^client /m).slice(1);
  return new Map(
    told.map((text) => {
      const end = text.indexOf('\n');
      return [text.slice(0, end), leaseOf(text.slice(end + 1))];
    }),
  );
}

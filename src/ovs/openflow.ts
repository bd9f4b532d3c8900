import { type Host, runIn } from '../linux/host.ts';
import { type CountedFlow, type Flow, formatFlow, parseFlow } from './flow.ts';

/** The versions that the bridges speak; 1.0 shows flows in Juno's words, but knows no tables to go to. */
export type OpenFlowVersion = 'OpenFlow10' | 'OpenFlow13';

/** Replaces all flows of a bridge by these, in one bundle: all or none. */
export async function replaceFlows(host: Host, bridge: string, flows: readonly Flow[]): Promise<void> {
  const input = flows.map((flow) => `${formatFlow(flow)}\n`).join('');
  // 1.0 cannot name a table; ovs-ofctl puts Juno's actions into 1.3's words, and 1.0 reads them back as they were.
  await runIn(host, ['ovs-ofctl', '-O', 'OpenFlow13', '--bundle', 'replace-flows', bridge, '-'], { input });
}

/** The flows of a bridge with their counters, ports by name. */
export async function dumpFlows(
  host: Host,
  bridge: string,
  version: OpenFlowVersion,
): Promise<CountedFlow[]> {
  const { stdout } = await runIn(host, ['ovs-ofctl', '-O', version, '--names', 'dump-flows', bridge]);
  return stdout.split('\n').flatMap((line) => parseFlow(line) ?? []);
}

/** The flows of several bridges, by bridge, with counters that are up to date. */
export async function dumpAllFlows(
  host: Host,
  bridges: readonly string[],
  version: OpenFlowVersion,
): Promise<Record<string, CountedFlow[]>> {
  await settleCounters(host);
  const dump = async (bridge: string) => [bridge, await dumpFlows(host, bridge, version)] as const;
  return Object.fromEntries(await Promise.all(bridges.map(dump)));
}

/** Makes ovs-vswitchd bring the counters of its flows up to date; otherwise they may lag by half a second. */
export async function settleCounters(host: Host): Promise<void> {
  await runIn(host, ['ovs-appctl', 'revalidator/purge']);
}

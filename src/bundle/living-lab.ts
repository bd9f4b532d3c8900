import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Node, publicNode } from '../ironic/node.ts';
import { type LabPlan, labPlan } from '../lab/plan.ts';
import { hostNames, type Lab } from '../lab/record.ts';
import { labStatus } from '../lab/status.ts';
import { runIn } from '../linux/host.ts';
import type { OpenFlowVersion } from '../ovs/openflow.ts';
import type { BundleDraft } from './draft.ts';

/** A part of a lab that has stopped, rather than ended, answers nobody. */
const timeoutMs = 5_000;

/** Asks all parts of a lab that can tell something what they know. */
export async function addLivingLab(draft: BundleDraft, lab: Lab): Promise<void> {
  const plan = labPlan(lab.topology);
  await Promise.all([
    draft.attempt('status of the lab', async () => draft.addJson('status.json', await labStatus(lab))),
    addOpenVswitch(draft, lab, plan),
    addNetworks(draft, lab),
    draft.attempt('nodes of the conductor', () => addNodes(draft, lab)),
  ]);
}

/** The flows of each bridge with their counters, as ovs-ofctl prints them. */
export async function flowsOf({ devstack, topology }: Lab): Promise<Readonly<Record<string, string>>> {
  const plan = labPlan(topology).devstack;
  const dump = async (bridge: string) => {
    const { stdout } = await runIn(devstack, dumpOf(bridge, plan.rules.protocol), { timeoutMs });
    return [bridge, stdout] as const;
  };
  return Object.fromEntries(await Promise.all(plan.bridges.map(({ name }) => dump(name))));
}

function dumpOf(bridge: string, version: OpenFlowVersion): string[] {
  return ['ovs-ofctl', '--timeout=4', '-O', version, '--names', 'dump-flows', bridge];
}

async function addOpenVswitch(draft: BundleDraft, { devstack }: Lab, plan: LabPlan): Promise<void> {
  const ask = (path: string, argv: readonly string[]) =>
    draft.attempt(argv.join(' '), async () =>
      draft.add(path, (await runIn(devstack, argv, { timeoutMs })).stdout),
    );
  const { protocol } = plan.devstack.rules;
  await Promise.all([
    ask('ovs/show.txt', ['ovs-vsctl', '--timeout=4', 'show']),
    ask('ovs/ovsdb.txt', ['ovsdb-client', '--timeout=4', 'dump']),
    // The file is there even when nobody serves it.
    ask('ovs/conf.db', ['cat', '/etc/openvswitch/conf.db']),
    ...plan.devstack.bridges.flatMap(({ name }) => [
      ask(`flows/after/${name}.txt`, [
        'ovs-ofctl',
        '--timeout=4',
        '-O',
        protocol,
        '--names',
        'dump-flows',
        name,
      ]),
      ask(`ovs/fdb-${name}.txt`, ['ovs-appctl', '--timeout=4', 'fdb/show', name]),
    ]),
  ]);
}

/** Interfaces, addresses and routes of each host and of its namespaces. */
async function addNetworks(draft: BundleDraft, lab: Lab): Promise<void> {
  const script = `show() { "$@" ip -details -statistics address; echo; "$@" ip route; echo; "$@" ip neigh; }
echo "== $(hostname)"; show
bridge vlan show 2> /dev/null; bridge fdb show 2> /dev/null
for namespace in $(ip netns list | cut -d' ' -f1); do
  echo; echo "== $namespace"; show ip netns exec "$namespace"
  ip netns exec "$namespace" nft list ruleset 2> /dev/null
done`;
  await Promise.all(
    hostNames.map((name) =>
      draft.attempt(`networks of ${name}`, async () => {
        const { stdout } = await runIn(lab[name], ['sh', '-c', script], { timeoutMs, accept: [0, 1] });
        draft.add(`network/${name}.txt`, stdout);
      }),
    ),
  );
}

/** The nodes as the conductor has saved them, whether or not it runs. */
function addNodes(draft: BundleDraft, lab: Lab): void {
  const folder = join(lab.devstack.folder, 'nodes');
  const files = readdirSync(lab.devstack.folder).includes('nodes') ? readdirSync(folder) : [];
  const nodes = files
    .filter((file) => file.endsWith('.json'))
    .map((file) => publicNode(JSON.parse(readFileSync(join(folder, file), 'utf8')) as Node));
  if (nodes.length > 0) draft.addJson('nodes.json', nodes);
}

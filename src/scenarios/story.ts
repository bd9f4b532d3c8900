import { dhcp } from '../evidence/frames.ts';
import { vlanMeanings } from '../evidence/vlan-meanings.ts';
import { type LabPlan, labPlan } from '../lab/plan.ts';
import type { Lab } from '../lab/record.ts';
import { runIn } from '../linux/host.ts';
import { physicalBridgeOf, physicalBridges } from '../neutron/integration.ts';
import { dumpAllFlows } from '../ovs/openflow.ts';
import { figure } from '../report/explain-figure.ts';
import { type ExplainedRule, explainRules } from '../report/explain-rules.ts';
import { type WalkStep, walk } from '../report/explain-walk.ts';
import type { Progress } from '../report/progress.ts';
import type { Network } from '../topology/schema.ts';
import { newRunFolder } from './kept-runs.ts';
import { findings, type JourneyResult } from './result.ts';
import { ScenarioRun } from './scenario-run.ts';
import type { StandIn } from './stand-in.ts';
import { removeStandIn } from './stand-in-on-brbm.ts';

/** A client's DISCOVER on its way, as it was captured. */
export interface ToldWalk {
  readonly client: string;
  readonly kind: 'server' | 'vm' | 'instance';
  readonly discover: JourneyResult;
  readonly steps: readonly WalkStep[];
  /** The way of the answer; null when none came. */
  readonly offer: JourneyResult | null;
  /** The address that it was given. */
  readonly lease: string | null;
}

/** The story of a network: how it is built, what its rules say, and what became of real frames. */
export interface Story {
  readonly lab: string;
  readonly topology: { readonly name: string; readonly title: string };
  readonly network: {
    readonly name: string;
    readonly type: Network['provider']['network_type'];
    /** The VLAN id on the wire; null where its frames carry none. */
    readonly segmentationId: number | null;
    /** What the header of a tunnel names; null where its frames are in none. */
    readonly tunnelId: number | null;
    readonly localVlan: number;
  };
  readonly figure: readonly string[];
  readonly rules: readonly ExplainedRule[];
  readonly walks: readonly ToldWalk[];
}

/**
 * Tells the story of a lab's first network, for which a physical server and a VM really ask for an address. Both leave the
 * lab as it was.
 */
export async function tellStory(lab: Lab, progress: Progress): Promise<Story> {
  const plan = labPlan(lab.topology);
  const run = new ScenarioRun(lab, { expected: '', file: '', folder: newRunFolder('explain'), progress });
  const { network, topology } = run;
  const flows = await dumpAllFlows(
    lab.devstack,
    Object.keys(plan.devstack.rules.flows),
    plan.devstack.rules.protocol,
  );
  const walks: ToldWalk[] = [];
  if (plan.rack.standIns.some(({ server }) => server.network === network.name)) {
    const server = run.standIn();
    walks.push(await askAndTell(run, plan, server, 'server'));
    await forgetAddress(server);
  }
  const vm = plan.devstack.domains.find(({ name }) =>
    topology.vms.some((it) => it.name === name && it.network === network.name),
  );
  if (vm && !(await isThere(lab, vm.nic.device))) {
    const standIn = await run.standInOnBrbm(vm.name);
    try {
      walks.push(await askAndTell(run, plan, standIn, 'vm'));
    } finally {
      await removeStandIn(lab.devstack, vm);
    }
  }
  const instance = plan.rack.compute?.instances.find((it) => it.instance.network === network.name);
  if (instance) {
    const client = run.instance(instance.instance.name);
    walks.push(await askAndTell(run, plan, client, 'instance'));
    await forgetAddress(client);
  }
  return {
    lab: lab.name,
    topology: { name: topology.name, title: topology.title },
    network: {
      name: network.name,
      type: network.provider.network_type,
      segmentationId: run.segmentationId,
      tunnelId: tunnelIdOf(network),
      localVlan: network.local_vlan,
    },
    figure: figure(topology, plan, network),
    rules: explainRules(flows, network, vlanMeanings(topology)),
    walks,
  };
}

function tunnelIdOf({ provider }: Network): number | null {
  const isTunnelled = provider.network_type === 'gre' || provider.network_type === 'vxlan';
  return isTunnelled ? provider.segmentation_id : null;
}

/** Lets a client ask, and tells the way of its first DISCOVER and of the answer. */
async function askAndTell(
  run: ScenarioRun,
  plan: LabPlan,
  client: StandIn,
  kind: ToldWalk['kind'],
): Promise<ToldWalk> {
  const { points, network, topology } = run;
  const door = `devstack/${physicalBridgeOf(network, physicalBridges(topology)).intPort}`;
  // On a network that is not flat nobody answers a server, however often it asks.
  const tries = kind === 'server' && network.provider.network_type !== 'flat' ? 1 : 3;
  const { result: lease, evidence } = await run.capture(() => client.dhcp({ tries }), {
    also: [client.point, door],
  });
  const discover = await evidence.journey(`DISCOVER of ${client.name}`, dhcp('DISCOVER', client.mac), {
    from: client.point,
    to: points.dhcp,
  });
  if (lease) {
    await evidence.journey(`OFFER to ${client.name}`, dhcp('OFFER', client.mac), {
      from: points.dhcp,
      to: client.point,
    });
  }
  const { labels } = run;
  const [told, offer] = findings({ claims: [], observed: [evidence], labels }).journeys;
  if (!told) throw new TypeError(`${discover.what} has no journey`);
  return {
    client: client.name,
    kind,
    discover: told,
    steps: walk(told, topology, plan, network),
    offer: offer ?? null,
    lease: lease?.ip ?? null,
  };
}

async function forgetAddress(client: StandIn): Promise<void> {
  await client.run(['ip', 'address', 'flush', 'dev', 'eth0']);
}

async function isThere({ devstack }: Lab, device: string): Promise<boolean> {
  const { exitCode } = await runIn(devstack, ['ip', 'link', 'show', device], { accept: [0, 1] });
  return exitCode === 0;
}

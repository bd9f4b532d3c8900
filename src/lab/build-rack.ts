import { LabError, messageOf } from '../errors.ts';
import { type Host, runIn } from '../linux/host.ts';
import { ipBatch } from '../linux/ip-batch.ts';
import { addQuietNamespaces } from '../linux/namespaces.ts';
import type { Progress } from '../report/progress.ts';
import type { NamespaceServer, SwitchPort } from '../topology/schema.ts';
import { cablesOf, namespacesOf } from './build-compute.ts';
import type { LabPlan, RackPlan } from './plan.ts';

/** The namespaces of the stand-ins, and of the compute node and its instances. */
export async function makeNamespaces(rack: Host, { standIns, compute }: RackPlan): Promise<void> {
  await addQuietNamespaces(rack, [
    ...standIns.map(({ server }) => server.name),
    ...(compute ? namespacesOf(compute) : []),
  ]);
}

/**
 * Builds the rack: the access switch (a Linux bridge), the stand-ins on it, the wires to devstack.
 *
 * @param plan.wires those that are cables: a switch whose wire is a NIC of the machine has no uplink
 * @param ready.namespaces settles when those of the stand-ins are there
 * @param ready.cables settles when the wires are there, and whatever else the relay makes
 */
export async function buildRack(
  rack: Host,
  { rack: plan, wires, links }: Pick<LabPlan, 'rack' | 'wires' | 'links'>,
  ready: { readonly namespaces: Promise<void>; readonly cables: Promise<void> },
  progress: Progress,
): Promise<void> {
  const count = plan.standIns.length;
  const { switches, standIns, compute, joints } = plan;
  const names = switches.map(({ name }) => name).join(', ');
  await progress.step(`switch ${names} with ${count} stand-in${count === 1 ? '' : 's'}`, async () => {
    const isFaulty = ({ server }: RackPlan['standIns'][number]) =>
      links.some(({ name }) => name === server.name);
    const cabled = ready.namespaces.then(() =>
      layCables(
        rack,
        standIns.filter((standIn) => !isFaulty(standIn)),
        compute,
      ),
    );
    await Promise.all([ready.cables, makeSwitches(rack, plan), cabled]);
    await Promise.all(standIns.filter(isFaulty).map(({ server }) => startNic(rack, server)));
    const plugged = [...standIns, ...(compute ? [compute] : [])];
    await ipBatch(rack, [
      ...switches.map(({ name }) => `link set ${name} up`),
      ...joints.flatMap(({ bridge, near, far }) => [
        `link add ${bridge} ${bridgeKind}`,
        `link set ${far} master ${bridge}`,
        ...[bridge, near, far].map((device) => `link set ${device} up`),
      ]),
      ...switches
        .filter(({ wire }) => wires.some(({ rackDevice }) => rackDevice === wire))
        .map(({ name, wire }) => `link set ${wire} master ${name}`),
      ...plugged.map((port) => `link set ${port.device} master ${port.switch}`),
      ...joints.map((joint) => `link set ${joint.near} master ${joint.switch}`),
      // All at the end: each that comes up floods those that are up.
      ...plugged.map(({ device }) => `link set ${device} up`),
    ]);
    await runBridge(rack, [
      ...wires.flatMap((wire) => portCommands(wire.rackDevice, plan.uplink)),
      ...plugged.flatMap(({ device, setting }) => portCommands(device, setting)),
    ]);
  });
}

/** The cables of the stand-ins and the compute node, whose other ends are loose yet. */
async function layCables(
  rack: Host,
  standIns: RackPlan['standIns'],
  compute: RackPlan['compute'],
): Promise<void> {
  await ipBatch(rack, [
    ...standIns.map(
      ({ device, server }) =>
        `link add eth0 netns ${server.name} address ${server.mac} up type veth peer name ${device}`,
    ),
    ...(compute ? cablesOf(compute) : []),
  ]);
}

function settingsOf({ uplink, ports, compute }: RackPlan): SwitchPort[] {
  return [uplink, ...[...ports, ...(compute ? [compute] : [])].map(({ setting }) => setting)];
}

/** Sets up the NIC that the relay has made. */
function startNic(rack: Host, { name, mac }: NamespaceServer): Promise<void> {
  return ipBatch(rack, [`link set eth0 address ${mac} up`], { namespace: name });
}

// No spanning tree, no snooping, no delay: a port forwards as soon as it is up.
const bridgeKind = 'type bridge stp_state 0 forward_delay 0 mcast_snooping 0';

function isPlain(setting: SwitchPort): boolean {
  return setting.mode === 'transparent';
}

/** A switch that no port of which has a VLAN of its own passes every frame as it is. */
async function makeSwitches(rack: Host, plan: RackPlan): Promise<void> {
  const settings = settingsOf(plan).every(isPlain)
    ? bridgeKind
    : `${bridgeKind} vlan_filtering 1 vlan_default_pvid 0`;
  const made = ipBatch(
    rack,
    plan.switches.map(({ name }) => `link add ${name} ${settings}`),
  );
  if (settings === bridgeKind) return made;
  return made.catch((cause) => {
    throw new LabError(
      'machine-lacks',
      `the switch has ports of mode access or trunk, and this kernel's bridge filters no VLANs (CONFIG_BRIDGE_VLAN_FILTERING): ${messageOf(cause)}`,
      {
        remedy: 'set every port of the topology to mode transparent, or use a kernel with VLAN filtering',
        cause,
      },
    );
  });
}

/** The bridge(8) commands that give a port of the switch its VLANs. */
export function portCommands(device: string, setting: SwitchPort): string[] {
  const add = (vlan: number | string, flags = '') => `vlan add dev ${device} vid ${vlan}${flags}`;
  switch (setting.mode) {
    case 'transparent':
      return [];
    case 'access':
      return [add(setting.vlan, ' pvid untagged')];
    case 'trunk':
      return [
        ...setting.trunks.map((vlan) => add(vlan)),
        ...(setting.native_vlan === null ? [] : [add(setting.native_vlan, ' pvid untagged')]),
      ];
  }
}

async function runBridge(rack: Host, lines: readonly string[]): Promise<void> {
  if (lines.length > 0) await runIn(rack, ['bridge', '-batch', '-'], { input: `${lines.join('\n')}\n` });
}

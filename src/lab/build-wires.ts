import type { Host } from '../linux/host.ts';
import { runIn } from '../linux/host.ts';
import { ipBatch, ipBatchFromOutside } from '../linux/ip-batch.ts';
import type { LabPlan } from './plan.ts';

/**
 * Lays the cables between the hosts: the provider wires and the management link.
 *
 * @param relay settles when the relay has made those that have faults
 */
export async function layWires(
  devstack: Host,
  rack: Host,
  plan: LabPlan,
  relay: Promise<void>,
): Promise<void> {
  const isPlain = ([here]: readonly [string, string]) => !plan.links.some(({ name }) => name === here);
  const cables = [
    ...plan.wires.map((wire) => [wire.devstackDevice, wire.rackDevice] as const),
    [plan.management.device, plan.management.device] as const,
  ];
  const veths = ipBatchFromOutside(
    devstack,
    cables
      .filter(isPlain)
      .map(([here, there]) => `link add ${here} type veth peer name ${there} netns ${rack.init.pid}`),
  );
  const { device } = plan.management;
  await Promise.all([veths, relay]);
  await Promise.all([
    ipBatch(devstack, [
      ...cables.map(([here]) => `link set ${here} up`),
      `address add ${plan.management.devstack} dev ${device}`,
    ]),
    ipBatch(rack, [
      ...cables.map(([, there]) => `link set ${there} up`),
      ...plan.management.bmcs.map((address) => `address add ${address} dev ${device}`),
    ]),
    // Open vSwitch's userspace datapath reads frames as they lie in the veth. Left to the "hardware", their UDP
    // checksums are not computed by then, and the far end drops every DHCP reply.
    ...plan.wires
      .filter(({ devstackDevice, rackDevice }) => isPlain([devstackDevice, rackDevice]))
      .map((wire) => runIn(rack, ['ethtool', '--offload', wire.rackDevice, 'tx', 'off'])),
  ]);
}

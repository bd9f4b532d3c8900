import type { Host } from '../linux/host.ts';
import { runIn } from '../linux/host.ts';
import { ipBatch, ipBatchFromOutside } from '../linux/ip-batch.ts';
import type { LabPlan } from './plan.ts';
import { cabledWires, nicsOf, type Wiring } from './wiring.ts';

/**
 * Lays the cables between the hosts: the provider wires and the management link. Those that a NIC of the machine is in
 * place of are in devstack already.
 *
 * @param relay settles when the relay has made those that have faults
 */
export async function layWires(
  devstack: Host,
  rack: Host,
  plan: LabPlan,
  wiring: Wiring,
  relay: Promise<void>,
): Promise<void> {
  const isPlain = ([here]: readonly [string, string]) => !plan.links.some(({ name }) => name === here);
  const real = nicsOf(plan, wiring).map(({ device }) => device);
  const all = [
    ...plan.wires.map((wire) => [wire.devstackDevice, wire.rackDevice] as const),
    [plan.management.device, plan.management.device] as const,
  ];
  const cables = all.filter(([here]) => !real.includes(here));
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
      ...all.map(([here]) => `link set ${here} up`),
      // Where BMCs are behind a router, none is on the link.
      ...(wiring.bmcVia?.kind === 'gateway' ? [] : [`address add ${plan.management.devstack} dev ${device}`]),
    ]),
    ipBatch(rack, [
      ...cables.map(([, there]) => `link set ${there} up`),
      ...plan.management.bmcs.map((address) => `address add ${address} dev ${device}`),
    ]),
    // Open vSwitch's userspace datapath reads frames as they lie in the veth. Left to the "hardware", their UDP
    // checksums are not computed by then, and the far end drops every DHCP reply.
    ...cabledWires(plan, wiring)
      .filter(({ devstackDevice, rackDevice }) => isPlain([devstackDevice, rackDevice]))
      .map((wire) => runIn(rack, ['ethtool', '--offload', wire.rackDevice, 'tx', 'off'])),
  ]);
}

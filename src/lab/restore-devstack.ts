import type { Host } from '../linux/host.ts';
import { replaceFlows } from '../ovs/openflow.ts';
import { replugDhcpAgent, replugRouter } from './build-devstack.ts';
import type { DevstackPlan } from './plan.ts';

/**
 * What Neutron's agents do when ovs-vswitchd was started anew (OVS_RESTARTED in ovs_neutron_agent.py): they install their
 * rules again. With the userspace datapath there is more to do: it does not find those of its taps that were moved into
 * namespaces, and makes others by the same names, which have to be plugged in their place.
 */
export async function restoreDevstack(devstack: Host, plan: DevstackPlan): Promise<void> {
  await Promise.all([
    ...Object.entries(plan.rules.flows).map(([bridge, rules]) => replaceFlows(devstack, bridge, rules)),
    ...plan.dhcpAgents.map((agent) => replugDhcpAgent(devstack, agent)),
    ...plan.routers.map((router) => replugRouter(devstack, router)),
  ]);
}

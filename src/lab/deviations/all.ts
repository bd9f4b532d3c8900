import { labPlan } from '../plan.ts';
import type { Lab } from '../record.ts';
import type { Deviation } from './deviation.ts';
import { deviceDeviations } from './devices.ts';
import { dhcpDeviations } from './dhcp-server.ts';
import { portDeviations } from './ports.ts';
import { routerDeviations } from './router.ts';
import { ruleDeviations } from './rules.ts';

/** What is known better than by the plan, since it is set while a lab is used. */
export interface KnownSettings {
  /** The text of the options file of each network's dnsmasq. */
  readonly dhcpOptions?: ReadonlyMap<string, string>;
}

/**
 * Compares a running lab with its plan: the bridges' rules and ports, devices and addresses, what dnsmasq is told and
 * reads, the routers' packet filters.
 */
export async function labDeviations(lab: Lab, known: KnownSettings = {}): Promise<Deviation[]> {
  const { devstack } = lab;
  const plan = labPlan(lab.topology);
  const ports = await portDeviations(devstack, plan);
  const missing = new Set(ports.flatMap(({ missingPort }) => missingPort ?? []));
  const found = await Promise.all([
    ports,
    ruleDeviations(devstack, plan, missing),
    ...plan.devstack.routers.map((router) => routerDeviations(devstack, router)),
    plan.devstack.dhcpAgents.flatMap((agent) =>
      dhcpDeviations(devstack, agent, known.dhcpOptions?.get(agent.network)),
    ),
    deviceDeviations(devstack, plan),
  ]);
  return found.flat();
}

import type { CountedFlow } from '../ovs/flow.ts';

/** An OpenFlow rule as a person would quote it. */
export function ruleText({ priority, match, actions }: CountedFlow): string {
  return `priority=${priority},${match} actions=${actions}`;
}

/** How a frame is tagged. */
export function tagged(vlan: number | null): string {
  return vlan === null ? 'untagged' : `with VLAN tag ${vlan}`;
}

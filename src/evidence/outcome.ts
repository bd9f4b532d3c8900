import type { DecodedFrame } from '../packets/decode.ts';

/** How a journey ended. */
export type JourneyOutcome =
  | { readonly kind: 'delivered'; readonly at: string }
  | {
      readonly kind: 'dropped';
      readonly bridge: string;
      /** The rule, as ovs-ofctl dumps it without counters, and what Open vSwitch says of it. */
      readonly rule: string;
      /** How many frames the rule took during the capture; null where no rule matches, which nobody counts. */
      readonly packets: number | null;
    }
  | {
      /** A rule forwards it, but not to where it is meant for. */
      readonly kind: 'misdirected';
      readonly bridge: string;
      readonly rule: string;
      readonly packets: number;
      /** Its VLAN inside the bridge as captured there, null for none; left out where that was not captured. */
      readonly vlan?: number | null;
      readonly to: string;
    }
  | { readonly kind: 'unknown'; readonly reason: string };

/** A tag as a person reads it. */
export function vlanText(vlan: number | null): string {
  return vlan === null ? 'untagged' : `VLAN ${vlan}`;
}

/** A tunnel that a frame is in, and the network that its header names: GRE's key, VXLAN's VNI. */
export interface TunnelAt {
  readonly type: 'gre' | 'vxlan';
  readonly id: number;
}

/** How a frame is marked where it was seen, as a person reads it: `VLAN 2`, `in VXLAN 1001`, `untagged`. */
export function markText({
  vlan,
  tunnel,
}: {
  readonly vlan: number | null;
  readonly tunnel?: TunnelAt;
}): string {
  return tunnel ? `in ${tunnel.type.toUpperCase()} ${tunnel.id}` : vlanText(vlan);
}

/** The tunnel that a decoded frame is in. */
export function tunnelOf({ gre, vxlan }: DecodedFrame): TunnelAt | undefined {
  if (vxlan) return { type: 'vxlan', id: vxlan.vni };
  return gre?.key === undefined ? undefined : { type: 'gre', id: gre.key };
}

/** A journey's end as a person reads it. */
export function outcomeText(outcome: JourneyOutcome): string {
  switch (outcome.kind) {
    case 'delivered':
      return `delivered to ${outcome.at}`;
    case 'dropped':
      return `dropped in ${outcome.bridge} by ${outcome.rule}`;
    case 'misdirected': {
      const { bridge, rule, vlan, to } = outcome;
      const inVlan = vlan === undefined ? '' : vlan === null ? ' in no VLAN' : ` in VLAN ${vlan}`;
      return `lost in ${bridge}: forwarded${inVlan}, not towards ${to}, by ${rule}`;
    }
    case 'unknown':
      return outcome.reason;
  }
}

import type { Flow } from '../../ovs/flow.ts';

/**
 * Whose OpenFlow rules stand in the bridges: those of Juno's Open vSwitch agent, those of today's agent, or those
 * that the article prints (translation on the other bridge of the two), which do not work.
 */
export type RuleStyle = 'juno' | 'current' | 'article';

/** The ports that a physical network's frames pass between br-int and the bridge that holds the wire. */
export interface Crossing {
  /** On br-int, towards the wire: `int-br-eth2`. */
  readonly intPort: string;
  /** On the physical bridge, towards br-int: `phy-br-eth2`. */
  readonly phyPort: string;
  /** The wire on the physical bridge: `eth2`. */
  readonly wire: string;
}

/** A provider network as its rules see it. VLAN ids are 1-4094. */
export interface Segment {
  readonly localVlan: number;
  /** The VLAN id on the wire; null on a flat network. */
  readonly segmentationId: number | null;
}

/** The rules that one network adds to br-int, to its physical bridge, and to br-tun. */
export interface TranslationRules {
  readonly integration: readonly Flow[];
  readonly physical: readonly Flow[];
  readonly tunnel: readonly Flow[];
}

/** A VLAN id as OpenFlow 1.3's vlan_vid holds it: with the bit that says that there is a tag. */
export function taggedVid(vlan: number): number {
  return 0x1000 | vlan;
}

/** The table in which today's agent lets through what its first table has translated. */
export const currentTables = { transient: 59, transientForward: 60 } as const;

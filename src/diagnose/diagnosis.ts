/** What is to blame that a server gets no lease, or that nothing is. */
export type Cause =
  | 'healthy'
  | 'silent'
  | 'uplink-not-in-bridge'
  | 'bridge-mapping'
  | 'patch-peer-missing'
  | 'flat-rule-missing'
  | 'untagged-on-vlan'
  | 'tagged-on-flat'
  | 'segment-id'
  | 'dead-port'
  | 'dhcp-port-tag'
  | 'unknown-mac'
  | 'dnsmasq-stopped'
  | 'checksum-offload'
  | 'dropped-on-the-way-in'
  | 'dropped-on-the-way-back'
  | 'no-answer'
  | 'answer-ignored';

export interface Diagnosis {
  readonly cause: Cause;
  /** One paragraph: what was seen, where it ends, what is to blame, what to do. */
  readonly text: string;
}

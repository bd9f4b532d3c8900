import type { RuleStyle, TranslationRules } from './rules.ts';
import { type TunnelPort, tunnelRules } from './tunnel.ts';

/** The rules of a VXLAN network: as of a GRE one, with its segmentation id as VNI (RFC 7348). */
export function vxlanRules(
  style: RuleStyle,
  segment: { readonly localVlan: number; readonly segmentationId: number },
  ports: readonly TunnelPort[],
): TranslationRules {
  return { integration: [], physical: [], tunnel: tunnelRules(style, 'vxlan', segment, ports) };
}

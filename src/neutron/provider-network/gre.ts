import type { RuleStyle, TranslationRules } from './rules.ts';
import { type TunnelPort, tunnelRules } from './tunnel.ts';

/** The rules of a GRE network: no wire carries it, so only br-tun has any. The key (RFC 2890) is its segmentation id. */
export function greRules(
  style: RuleStyle,
  segment: { readonly localVlan: number; readonly segmentationId: number },
  ports: readonly TunnelPort[],
): TranslationRules {
  return { integration: [], physical: [], tunnel: tunnelRules(style, 'gre', segment, ports) };
}

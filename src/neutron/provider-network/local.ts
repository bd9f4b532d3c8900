import type { TranslationRules } from './rules.ts';

/** A local network has no rules at all: its ports find each other in br-int, by their tag, and nothing leaves it. */
export function localRules(): TranslationRules {
  return { integration: [], physical: [], tunnel: [] };
}

import type { ServerEntry } from './schema.ts';

/** The servers that one entry of a file stands for: itself, or `count` of it named NAME-1, NAME-2, … */
export function expandCount(entry: ServerEntry): ServerEntry[] {
  if (!isCounted(entry)) return [entry];
  return Array.from({ length: entry.count }, (_, index) => ({
    ...entry,
    name: `${entry.name}-${index + 1}`,
  }));
}

export function isCounted(entry: ServerEntry): entry is ServerEntry & { kind: 'namespace'; count: number } {
  return entry.kind === 'namespace' && entry.count !== undefined;
}

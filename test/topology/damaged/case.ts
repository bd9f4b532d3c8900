/**
 * Topologies that must be refused. A ▸ in the text marks where each message has to point (and is taken out before
 * parsing); the messages follow in the same order.
 */
export interface Damaged {
  readonly what: string;
  readonly text: string;
  readonly problems: readonly string[];
}

/** One row of the table. */
export function refused(what: string, text: string, ...problems: string[]): Damaged {
  return { what, text, problems };
}

/** A correct network, and what follows it. */
export function after(more: string): string {
  return `networks:
  - name: provider
    provider: { network_type: flat, physical_network: physnet1 }
    subnet: { cidr: 10.0.0.0/24 }
${more}`;
}

/** A topology of one network whose subnet has these lines. */
export function subnet(lines: string): string {
  return `networks:
  - name: provider
    provider: { network_type: flat, physical_network: physnet1 }
    subnet:
${lines.replace(/^/gm, '      ')}`;
}

/** A topology of one network on this wire. */
export function provider(line: string): string {
  return `networks:
  - name: provider
    provider: ${line}
    subnet: { cidr: 10.0.0.0/24 }`;
}

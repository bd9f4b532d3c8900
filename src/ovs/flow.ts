/** An OpenFlow rule in ovs-ofctl's own words (ovs-fields(7), ovs-actions(7)). */
export interface Flow {
  readonly table: number;
  /** 0-65535; the highest that matches wins. */
  readonly priority: number;
  /** `field=value`, joined by commas; empty matches every frame. */
  readonly match: string;
  readonly actions: string;
  readonly cookie?: string;
}

/** A flow as `ovs-ofctl add-flow` reads it. */
export function formatFlow(flow: Flow): string {
  const fields = [
    ...(flow.cookie ? [`cookie=${flow.cookie}`] : []),
    `table=${flow.table}`,
    `priority=${flow.priority}`,
    ...(flow.match ? [flow.match] : []),
  ];
  return `${fields.join(',')},actions=${flow.actions}`;
}

/** A flow of `ovs-ofctl dump-flows` with its counters. */
export interface CountedFlow extends Flow {
  readonly packets: number;
  readonly bytes: number;
}

/**
 * Reads a line of `ovs-ofctl dump-flows --no-names? bridge`; undefined for lines that are no flow.
 * Example: ` cookie=0x0, duration=1s, table=0, n_packets=3, n_bytes=126, priority=2,in_port=1 actions=drop`.
 */
export function parseFlow(line: string): CountedFlow | undefined {
  const found =
    /^\s*cookie=(0x[0-9a-f]+),.*?table=(\d+), n_packets=(\d+), n_bytes=(\d+),(.*?) actions=(.*)$/.exec(line);
  if (!found) return undefined;
  const [, cookie = '0x0', table, packets, bytes, rest = '', actions = ''] = found;
  const words = rest
    .split(/,\s*/)
    .map((word) => word.trim())
    .filter((word) => word !== '' && !/^(idle|hard)_(timeout|age)=/.test(word));
  const priority = words.find((word) => word.startsWith('priority='));
  return {
    cookie,
    table: Number(table),
    packets: Number(packets),
    bytes: Number(bytes),
    // ovs-ofctl leaves the default priority out.
    priority: priority ? Number(priority.slice('priority='.length)) : 32768,
    match: words.filter((word) => word !== priority).join(','),
    actions: actions.trim(),
  };
}

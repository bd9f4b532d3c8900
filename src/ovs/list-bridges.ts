import { membersOf, type Ovsdb, type OvsdbValue } from './ovsdb.ts';

/** A bridge of Open vSwitch as its database has it. */
export interface ListedBridge {
  readonly name: string;
  /** Sorted by name, without the bridge's own port. */
  readonly ports: readonly {
    readonly name: string;
    /** `system` for a network device; else as ovs-vswitchd.conf.db(5) has it: `internal`, `patch`, `gre`, … */
    readonly type: string;
    /** The VLAN of an access port; null for a trunk. */
    readonly tag: number | null;
    /** The port at the other end of a patch port; null for any other. */
    readonly peer: string | null;
    /** Open vSwitch's word for why it cannot use the port's interface; null when it can. */
    readonly error: string | null;
  }[];
}

/** The bridges of an Open vSwitch, sorted by name. */
export async function listBridges(ovsdb: Ovsdb): Promise<ListedBridge[]> {
  const [bridges, ports, interfaces] = await ovsdb.transact([
    { op: 'select', table: 'Bridge', where: [], columns: ['name', 'ports'] },
    { op: 'select', table: 'Port', where: [], columns: ['_uuid', 'name', 'tag'] },
    { op: 'select', table: 'Interface', where: [], columns: ['name', 'type', 'options', 'error'] },
  ]);
  const interfaceByName = new Map(interfaces?.rows?.map((row) => [String(row.name), row]));
  const portByUuid = new Map(
    ports?.rows?.map((row) => {
      const [tag] = membersOf(row.tag);
      const name = String(row.name);
      const { type, options, error } = interfaceByName.get(name) ?? {};
      return [
        uuidOf(row._uuid),
        {
          name,
          type: String(type || 'system'),
          tag: typeof tag === 'number' ? tag : null,
          peer: peerIn(options),
          error: textOf(error),
        },
      ];
    }),
  );
  return (bridges?.rows ?? [])
    .map((row) => {
      const name = String(row.name);
      const own = membersOf(row.ports).flatMap((uuid) => portByUuid.get(uuidOf(uuid)) ?? []);
      return { name, ports: own.filter((port) => port.name !== name).sort(byName) };
    })
    .sort(byName);
}

function byName(a: { readonly name: string }, b: { readonly name: string }): number {
  return a.name < b.name ? -1 : 1;
}

/** RFC 7047 writes a row's UUID as ["uuid", text]. */
function uuidOf(value: OvsdbValue | undefined): string {
  return Array.isArray(value) ? String(value[1]) : '';
}

function textOf(value: OvsdbValue | undefined): string | null {
  const [text] = membersOf(value);
  return typeof text === 'string' ? text : null;
}

/** RFC 7047 writes a map as ["map", [[key, value], …]]. */
function peerIn(options: OvsdbValue | undefined): string | null {
  const pairs = Array.isArray(options) ? (options[1] as [string, string][]) : [];
  return pairs.find(([key]) => key === 'peer')?.[1] ?? null;
}

import { type OvsdbOperation, type OvsdbRow, type OvsdbValue, ovsdbMap, ovsdbSet } from './ovsdb.ts';

/** A port of a bridge, with the one interface of the same name that it has. */
export interface Port {
  readonly name: string;
  /**
   * `system` attaches a network device; `internal` makes one; `patch` leads to its peer on another bridge; `gre` and
   * `vxlan` are tunnels, which leave by whichever bridge has their `local_ip`.
   */
  readonly type: 'system' | 'internal' | 'patch' | 'gre' | 'vxlan';
  /** The patch port at the other end. */
  readonly peer?: string;
  /** Options of the interface (ovs-vswitchd.conf.db(5)): what a tunnel is told. */
  readonly options?: Readonly<Record<string, string>>;
  /** Access VLAN, 1-4094; 4095 is Neutron's dead VLAN. Without it the port is a trunk. */
  readonly tag?: number;
  /** MAC of an internal port's device. */
  readonly mac?: string;
  /** external_ids of the interface: what Neutron's agents know a port by. */
  readonly externalIds?: Readonly<Record<string, string>>;
}

export interface Bridge {
  readonly name: string;
  /** `secure`: no flows, no traffic. `standalone`: a learning switch until it is told otherwise. */
  readonly failMode: 'secure' | 'standalone';
  readonly ports: readonly Port[];
}

/**
 * The operations that make all bridges and ports of an empty database, for one transaction. The last configuration
 * number is 1: when vswitchd sets cur_cfg to it, all is in place.
 */
export function createBridges(bridges: readonly Bridge[]): OvsdbOperation[] {
  const operations: OvsdbOperation[] = [];
  const bridgeNames: OvsdbValue[] = [];
  for (const bridge of bridges) {
    const own: Port = { name: bridge.name, type: 'internal' };
    const ports = [own, ...bridge.ports].map((port) => {
      operations.push(...createPort(port));
      return named(`port ${port.name}`);
    });
    bridgeNames.push(named(`bridge ${bridge.name}`));
    operations.push({
      op: 'insert',
      table: 'Bridge',
      'uuid-name': uuidName(`bridge ${bridge.name}`),
      row: {
        name: bridge.name,
        datapath_type: 'netdev',
        fail_mode: bridge.failMode,
        protocols: ovsdbSet(['OpenFlow10', 'OpenFlow13', 'OpenFlow14']),
        ports: ovsdbSet(ports),
      },
    });
  }
  operations.push({
    op: 'insert',
    table: 'Open_vSwitch',
    row: { bridges: ovsdbSet(bridgeNames), next_cfg: 1 },
  });
  return operations;
}

/** The operations that make a port and its interface, to be put into a bridge by the same transaction. */
export function createPort(port: Port): OvsdbOperation[] {
  const interfaceRow: Record<string, OvsdbValue> = {
    name: port.name,
    type: port.type === 'system' ? '' : port.type,
  };
  const options = { ...port.options, ...(port.peer ? { peer: port.peer } : {}) };
  if (Object.keys(options).length > 0) interfaceRow.options = ovsdbMap(options);
  if (port.mac) interfaceRow.mac = port.mac;
  if (port.externalIds) interfaceRow.external_ids = ovsdbMap(port.externalIds);
  const portRow: OvsdbRow = {
    name: port.name,
    interfaces: named(`interface ${port.name}`),
    ...(port.tag === undefined ? {} : { tag: port.tag }),
  };
  return [
    { op: 'insert', table: 'Interface', 'uuid-name': uuidName(`interface ${port.name}`), row: interfaceRow },
    { op: 'insert', table: 'Port', 'uuid-name': uuidName(`port ${port.name}`), row: portRow },
  ];
}

/** A reference to a row that the same transaction inserts. */
export function named(row: string): OvsdbValue {
  return ['named-uuid', uuidName(row)];
}

/** RFC 7047 allows letters, digits and underscores; two names must not fall together. */
export function uuidName(row: string): string {
  return `row_${Buffer.from(row).toString('hex')}`;
}

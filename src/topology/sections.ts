import type * as z from 'zod';
import type { Path } from './positions.ts';
import { valueAt } from './problems.ts';
import {
  instanceSchema,
  networkSchema,
  routerSchema,
  serverSchema,
  topologySchema,
  vmSchema,
} from './schema.ts';

/** A part of the file that is right by itself, and where it stands. */
export interface Item<T> {
  readonly path: Path;
  readonly value: T;
}

type Shape = typeof topologySchema.shape;
type Part<Key extends keyof Shape> = Item<z.output<Shape[Key]>> | undefined;

/**
 * What of a file can be checked for how its parts go together. Parts that the schema refuses are left out, so
 * that one reading of the file finds the problems of both kinds.
 */
export interface Sections {
  readonly bridgeMappings: Part<'bridge_mappings'>;
  readonly networks: readonly Item<z.output<typeof networkSchema>>[];
  readonly externalNetwork: Part<'external_network'>;
  readonly routers: readonly Item<z.output<typeof routerSchema>>[];
  readonly tunnel: Part<'tunnel'>;
  readonly vms: readonly Item<z.output<typeof vmSchema>>[];
  readonly switch: Part<'switch'>;
  readonly management: Part<'management'>;
  readonly servers: readonly Item<z.output<typeof serverSchema>>[];
  readonly linkFaults: Part<'link_faults'>;
  /** Those of the compute node. */
  readonly instances: readonly Item<z.output<typeof instanceSchema>>[];
  readonly capturePoints: readonly Item<string>[];
  /** The names of all networks, of the refused ones too, in the order of the file. */
  readonly networkNames: readonly string[];
}

/** Takes plain data apart; never throws. */
export function sectionsOf(data: unknown): Sections {
  const { shape } = topologySchema;
  return {
    bridgeMappings: part(shape.bridge_mappings, data, 'bridge_mappings'),
    networks: items(networkSchema, data, 'networks'),
    externalNetwork: part(shape.external_network, data, 'external_network'),
    routers: items(routerSchema, data, 'routers'),
    tunnel: part(shape.tunnel, data, 'tunnel'),
    vms: items(vmSchema, data, 'vms'),
    switch: part(shape.switch, data, 'switch'),
    management: part(shape.management, data, 'management'),
    servers: items(serverSchema, data, 'servers'),
    linkFaults: part(shape.link_faults, data, 'link_faults'),
    instances: items(instanceSchema, data, 'tunnel', 'compute', 'instances'),
    capturePoints: items(shape.capture_points.unwrap().element, data, 'capture_points'),
    networkNames: elements(data, ['networks']).flatMap((network) => {
      const name = valueAt(network, ['name']);
      return typeof name === 'string' ? [name] : [];
    }),
  };
}

/** Everybody whose address and host entry a network holds: VMs, servers, the compute node's instances. */
export function nodesOf({ vms, servers, instances }: Sections) {
  return [...vms, ...servers, ...instances];
}

function part<T extends z.ZodType>(schema: T, data: unknown, key: string): Item<z.output<T>> | undefined {
  const parsed = schema.safeParse(valueAt(data, [key]));
  return parsed.success ? { path: [key], value: parsed.data } : undefined;
}

function items<T extends z.ZodType>(schema: T, data: unknown, ...path: string[]): Item<z.output<T>>[] {
  return elements(data, path).flatMap((element, index) => {
    const parsed = schema.safeParse(element);
    return parsed.success ? [{ path: [...path, index], value: parsed.data }] : [];
  });
}

function elements(data: unknown, path: Path): unknown[] {
  const value = valueAt(data, path);
  return Array.isArray(value) ? value : [];
}

import type * as z from 'zod';
import { LabError } from '../errors.ts';
import { checkData } from './check-data.ts';
import { wireOf } from './ids.ts';
import { type Topology, topologySchema } from './schema.ts';

const settable = ['rules', 'interconnect', 'link_faults', 'vms', 'servers'] as const;

/**
 * Keys of a topology that can be set from outside its file, written as in a file; one that is set takes the place of the
 * file's. In `link_faults`, which are added to the file's, `wire` is the wire of the first network.
 */
export type Settings = Partial<Pick<z.input<typeof topologySchema>, (typeof settable)[number]>>;

/** What is wrong with a value as settings, in a clause; undefined when nothing is. */
export function problemWithSettings(given: unknown): string | undefined {
  const known = settable.join(', ');
  if (typeof given !== 'object' || given === null) return `is no object; it may set ${known}`;
  for (const [name, value] of Object.entries(given)) {
    const key = settable.find((it) => it === name);
    if (!key) return `sets ${name}, which no scenario can; it may set ${known}`;
    const [issue] = topologySchema.shape[key].safeParse(value).error?.issues ?? [];
    if (!issue) continue;
    const wrong = issue.path.reduce<unknown>((within, step) => Object(within)[step], value);
    return `sets ${[name, ...issue.path].join('.')} to ${show(wrong)}; expected ${issue.message}`;
  }
  return undefined;
}

function show(value: unknown): string {
  return typeof value === 'object' || value === undefined ? JSON.stringify(value) : String(value);
}

/**
 * A topology with other settings, and all that follows from them.
 *
 * @throws LabError `usage` when they do not go together
 */
export function topologyWith(topology: Topology, settings: Settings = {}): Topology {
  const { link_faults: faults = {}, ...others } = settings;
  const data = {
    ...topology,
    ...others,
    link_faults: {
      ...topology.link_faults,
      ...Object.fromEntries(
        Object.entries(faults).map(([link, it]) => [link === 'wire' ? firstWire(topology) : link, it]),
      ),
    },
    capture_points: topology.capture_points.filter((point) => !isOfReplaced(point, topology, settings)),
  };
  const { topology: checked, problems } = checkData(data, topology.name);
  if (checked) return checked;
  const lines = problems.map(({ path, text }) => `${path.join('.')}: ${text}`);
  throw new LabError(
    'usage',
    `the scenario's settings do not fit the topology ${topology.name}:\n${lines.join('\n')}`,
    { remedy: 'change its with, or run it on another topology' },
  );
}

/** The wire of the first network: `eth2`. */
export function firstWire({ networks: [network], bridge_mappings }: Topology): string {
  const physical = network && 'physical_network' in network.provider && network.provider.physical_network;
  const bridge = (physical && bridge_mappings[physical]) || Object.values(bridge_mappings)[0];
  return wireOf(bridge ?? '');
}

/** The points of servers that the settings may have taken away. */
function isOfReplaced(point: string, topology: Topology, { servers }: Settings): boolean {
  if (!servers) return false;
  const gone = topology.servers.filter(({ name }) => !servers.some((server) => server.name === name));
  return gone.some(({ name }) => point === `rack/${name}`);
}

import { LabError } from '../errors.ts';
import { labPlan } from '../lab/plan.ts';
import type { Lab } from '../lab/record.ts';
import { type Host, runIn } from '../linux/host.ts';
import { closest } from '../topology/suggest.ts';
import { mapOf } from './map.ts';
import { type CapturePoint, findPoint } from './point.ts';

/**
 * The points that a user names: `host/interface`, the interface or its beginning where that fits one point alone, or a
 * label such as `dnsmasq`. Each is there now.
 *
 * @param labels what is behind points, by their names
 * @throws LabError `usage` for a name that fits no point, several, or one that is not there
 */
export async function choosePoints(
  lab: Lab,
  texts: readonly string[],
  labels: ReadonlyMap<string, string>,
  options: { readonly there: boolean },
): Promise<CapturePoint[]> {
  const known = mapOf(labPlan(lab.topology)).points;
  const names = texts.map((text) => pointNamed(text, known, labels) ?? text);
  const points = [...new Set(names)].map((name) => {
    // What is not planned may be there all the same: the lab's user may have made it.
    if (known.includes(name) || name.includes('/')) return findPoint(lab, name);
    throw unknown(lab, name, known);
  });
  const devices = await devicesByHost(lab);
  for (const { name, host, device, namespace, mirrored } of points) {
    if (namespace || mirrored || devices.get(host)?.has(device)) continue;
    if (!known.includes(name)) throw unknown(lab, name, known);
    if (!options.there) continue;
    throw new LabError('usage', `${name} is not there now: ${absence(lab, name, labels)}`);
  }
  return points;
}

function pointNamed(
  text: string,
  known: readonly string[],
  labels: ReadonlyMap<string, string>,
): string | undefined {
  if (known.includes(text)) return text;
  const deviceOf = (name: string) => name.slice(name.indexOf('/') + 1);
  const labelled = known.filter((name) => labels.get(name)?.replace(/^the /, '') === text);
  const exact = known.filter((name) => deviceOf(name) === text);
  const begun = known.filter((name) => name.startsWith(text) || deviceOf(name).startsWith(text));
  const fitting = [labelled, exact, begun].find((some) => some.length > 0) ?? [];
  if (fitting.length <= 1) return fitting[0];
  throw new LabError('usage', `"${text}" fits several points: ${fitting.join(', ')}`);
}

async function devicesByHost({ devstack, rack }: Lab): Promise<ReadonlyMap<Host, ReadonlySet<string>>> {
  const devicesOf = async (host: Host) => {
    const { stdout } = await runIn(host, ['ip', '-o', 'link']);
    return [host, new Set(stdout.split('\n').map((line) => /^\d+: ([^:@]+)/.exec(line)?.[1] ?? ''))] as const;
  };
  return new Map(await Promise.all([devstack, rack].map(devicesOf)));
}

function absence(lab: Lab, name: string, labels: ReadonlyMap<string, string>): string {
  const plan = labPlan(lab.topology);
  const machine =
    plan.rack.domains.find(({ nic }) => name === `rack/${nic.device}`)?.name ?? labels.get(name);
  return machine ? `it is while ${machine} is on` : 'something has removed it';
}

function unknown(lab: Lab, text: string, known: readonly string[]): LabError {
  const meant = closest(text, known);
  return new LabError(
    'usage',
    `lab ${lab.name} has no point "${text}"${meant ? `; did you mean "${meant}"?` : ''}`,
    { remedy: `one of ${known.join(', ')}` },
  );
}

/** Those of the points that are there now: those of machines that are off are not. */
export async function pointsThere(lab: Lab, names: readonly string[]): Promise<CapturePoint[]> {
  const there = await devicesByHost(lab);
  return names
    .map((name) => findPoint(lab, name))
    .filter(({ host, device, namespace, mirrored }) => namespace || mirrored || there.get(host)?.has(device));
}

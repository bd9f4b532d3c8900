import { readdirSync } from 'node:fs';
import { LabError } from '../errors.ts';
import { type Host, seenFromOutside } from '../linux/host.ts';
import { type HostName, hostNames, type Lab } from './record.ts';

/** Where a command runs: a host, or a network namespace in it. */
export interface Place {
  readonly host: Host;
  readonly namespace?: string;
}

/** The network namespaces of a host, by name. */
export function namespacesOf(host: Host): string[] {
  return readdirSync(seenFromOutside(host, '/run/netns')).sort();
}

/** Every place of a lab, as `resolvePlace` reads it. */
export function placesOf(lab: Lab): string[] {
  return hostNames.flatMap((name: HostName) => [
    name,
    ...namespacesOf(lab[name]).map((namespace) => `${name}/${namespace}`),
  ]);
}

/**
 * The place that `devstack`, `rack` or `HOST/NAMESPACE` names; the beginning of a namespace's name will do where it
 * fits one alone.
 *
 * @throws LabError `usage` that lists what there is
 */
export function resolvePlace(lab: Lab, text: string): Place {
  const [hostText = '', ...rest] = text.split('/');
  const hostName = hostNames.find((name) => name === hostText);
  if (!hostName) throw unknown(`there is no host "${hostText}"`, lab);
  const host = lab[hostName];
  const wanted = rest.join('/');
  if (wanted === '') return { host };
  const namespaces = namespacesOf(host);
  const exact = namespaces.find((name) => name === wanted);
  const fitting = exact ? [exact] : namespaces.filter((name) => name.startsWith(wanted));
  const [namespace] = fitting;
  if (namespace === undefined) throw unknown(`there is no namespace "${wanted}" in ${hostName}`, lab);
  if (fitting.length > 1) throw unknown(`"${wanted}" fits several namespaces: ${fitting.join(', ')}`, lab);
  return { host, namespace };
}

function unknown(message: string, lab: Lab): LabError {
  const places = placesOf(lab);
  const shown = places.length > 12 ? [...places.slice(0, 12), `… ${places.length - 12} more`] : places;
  return new LabError('usage', message, { remedy: `one of ${shown.join(', ')}` });
}

import { LabError } from '../../errors.ts';
import type { Conductor } from '../../ironic/conductor/conductor.ts';
import { accepted, ok, type Route, text } from '../../ironic/conductor/route.ts';
import type { ImageFiles } from '../../ironic/deploy/image-files.ts';
import type { Topology } from '../../topology/schema.ts';
import { flavorsOf } from './flavors.ts';
import { imagesOf } from './images.ts';
import { Instances } from './instances.ts';
import { Keypairs } from './keypairs.ts';
import { networksOf, portsOf } from './networks.ts';

/**
 * What the clients of nova, neutron and glance ask for, on the lab's one API.
 *
 * @param parts.folder where instances and keypairs are kept
 */
export function cloudRoutes(parts: {
  readonly conductor: Conductor;
  readonly topology: Topology;
  readonly images: ImageFiles;
  readonly folder: string;
}): Route[] {
  const { conductor, topology, images, folder } = parts;
  const keypairs = new Keypairs(`${folder}/keypairs.json`);
  const instances = new Instances(conductor, topology, keypairs, `${folder}/instances.json`);
  const flavors = () => flavorsOf(conductor.store.all());
  const list = (pattern: RegExp, key: string, all: () => readonly object[]): Route => ({
    method: 'GET',
    pattern,
    open: false,
    answer: async () => ok({ [key]: all() }),
  });
  return [
    list(/^\/v2\.0\/networks$/, 'networks', () => networksOf(topology)),
    list(/^\/v2\.0\/ports$/, 'ports', () => portsOf(topology)),
    list(/^\/v2\/flavors$/, 'flavors', flavors),
    list(/^\/v2\/images$/, 'images', () => imagesOf(images)),
    list(/^\/v2\/keypairs$/, 'keypairs', () => keypairs.all()),
    list(/^\/v2\/servers$/, 'servers', () => instances.all()),
    {
      method: 'POST',
      pattern: /^\/v2\/keypairs$/,
      open: false,
      answer: async ({ body }) => ok(keypairs.add(text(body, 'name'), text(body, 'public_key'))),
    },
    {
      method: 'DELETE',
      pattern: /^\/v2\/keypairs\/(?<name>[^/]+)$/,
      open: false,
      answer: async ({ params }) => {
        keypairs.remove(params.name ?? '');
        return { status: 204 };
      },
    },
    {
      method: 'GET',
      pattern: /^\/v2\/servers\/(?<server>[^/]+)$/,
      open: false,
      answer: async ({ params }) => ok(instances.get(params.server ?? '')),
    },
    {
      method: 'POST',
      pattern: /^\/v2\/servers$/,
      open: false,
      answer: async ({ body }) => {
        const image = named('image', text(body, 'image'), imagesOf(images));
        const network = named('network', text(body, 'network'), networksOf(topology));
        const flavor = named('flavor', text(body, 'flavor'), flavors());
        const instance = await instances.boot({
          name: text(body, 'name'),
          image: image.name,
          network: network.name,
          flavor: flavor.name,
          key_name: typeof body.key_name === 'string' ? body.key_name : null,
        });
        return accepted(instance);
      },
    },
    {
      method: 'DELETE',
      pattern: /^\/v2\/servers\/(?<server>[^/]+)$/,
      open: false,
      answer: async ({ params }) => {
        await instances.delete(params.server ?? '');
        return { status: 204 };
      },
    },
  ];
}

/** What has that name or UUID. @throws LabError `usage` that lists what there is */
export function named<T extends { readonly id: string; readonly name: string }>(
  kind: string,
  nameOrId: string,
  all: readonly T[],
): T {
  const found = all.find(({ id, name }) => id === nameOrId || name === nameOrId);
  if (found) return found;
  const known = all.map(({ name }) => name).join(', ') || 'none';
  throw new LabError('usage', `there is no ${kind} ${nameOrId}; there are: ${known}`);
}

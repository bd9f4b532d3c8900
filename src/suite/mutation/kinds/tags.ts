import { tagThing } from '../../../lab/deviations/things.ts';
import type { Host } from '../../../linux/host.ts';
import { ovsdbSet } from '../../../ovs/ovsdb.ts';
import { openOvsdb, reconfigure } from '../../../ovs/vswitch.ts';
import type { MutationKind } from '../mutation.ts';

/** Each port's tag: removed, and that of another VLAN. */
export const tags: MutationKind = {
  name: 'tag',
  noticedBy: ['every-machine-is-known', 'snat-for-a-stand-in'],
  mutants: ({ devstack }) =>
    devstack.bridges
      .flatMap(({ ports }) => ports)
      .flatMap(({ name, tag }) => {
        if (tag === undefined) return [];
        return [null, tag + 1].map((other) => ({
          mutation: {
            kind: 'tag',
            thing: tagThing(name),
            change: other === null ? 'removed' : `${other} instead of ${tag}`,
          },
          apply: (lab) => setTag(lab.devstack, name, other),
          undo: (lab) => setTag(lab.devstack, name, tag),
        }));
      }),
};

async function setTag(host: Host, port: string, tag: number | null): Promise<void> {
  const ovsdb = await openOvsdb(host);
  try {
    const row = { tag: ovsdbSet(tag === null ? [] : [tag]) };
    await reconfigure(ovsdb, [{ op: 'update', table: 'Port', where: [['name', '==', port]], row }]);
  } finally {
    ovsdb.close();
  }
}

import { peerThing, portThing } from '../../../lab/deviations/things.ts';
import { type Host, runIn } from '../../../linux/host.ts';
import { addPort } from '../../../ovs/add-port.ts';
import { replaceFlows } from '../../../ovs/openflow.ts';
import { ovsdbMap } from '../../../ovs/ovsdb.ts';
import { openOvsdb, reconfigure } from '../../../ovs/vswitch.ts';
import type { MutationKind } from '../mutation.ts';

/** Each port that ties a bridge to another or to a wire: removed, and of a patch port also its peer. */
export const ports: MutationKind = {
  name: 'port',
  noticedBy: ['every-machine-is-known', 'segment-translation', 'snat-for-a-stand-in'],
  mutants: ({ devstack }) =>
    devstack.bridges.flatMap(({ name: bridge, ports: own }) =>
      own
        // An internal port is its device, with which what runs on it would have to be set up again.
        .filter(({ type }) => type !== 'internal')
        .flatMap((port) => {
          const { name, peer } = port;
          return [
            {
              mutation: { kind: 'port', thing: portThing(name), change: 'removed' },
              apply: ({ devstack: host }) => removePort(host, name),
              undo: async ({ devstack: host }) => {
                await addPort(host, bridge, port);
                // The rules know it by a number that it does not have any more.
                const flows = devstack.rules.flows[bridge];
                if (flows) await replaceFlows(host, bridge, flows);
              },
            },
            ...(peer === undefined
              ? []
              : [
                  {
                    mutation: {
                      kind: 'port',
                      thing: peerThing(name),
                      change: `none-such instead of ${peer}`,
                    },
                    apply: ({ devstack: host }: { devstack: Host }) => setPeer(host, name, 'none-such'),
                    undo: ({ devstack: host }: { devstack: Host }) => setPeer(host, name, peer),
                  },
                ]),
          ];
        }),
    ),
};

async function removePort(host: Host, port: string): Promise<void> {
  await runIn(host, ['ovs-vsctl', 'del-port', port]);
}

async function setPeer(host: Host, port: string, peer: string): Promise<void> {
  const ovsdb = await openOvsdb(host);
  try {
    const row = { options: ovsdbMap({ peer }) };
    await reconfigure(ovsdb, [{ op: 'update', table: 'Interface', where: [['name', '==', port]], row }]);
  } finally {
    ovsdb.close();
  }
}

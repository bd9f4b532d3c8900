import type { Host } from '../linux/host.ts';
import { runIn } from '../linux/host.ts';
import { ipBatch } from '../linux/ip-batch.ts';
import type { ComputeNodePlan } from '../neutron/compute-node.ts';
import { replaceFlows } from '../ovs/openflow.ts';
import { startDatabase, startSwitch } from '../ovs/vswitch.ts';
import type { Progress } from '../report/progress.ts';
import { waitFor } from '../wait.ts';
import type { TunnelEndpoint } from './plan.ts';

/** The namespaces of a compute node and its instances. */
export function namespacesOf({ name, instances }: ComputeNodePlan): string[] {
  return [name, ...instances.map(({ instance }) => instance.name)];
}

/** The `ip link` commands that lay a compute node's cables: to the switch, and to its instances. */
export function cablesOf({ name, nic, device, instances }: ComputeNodePlan): string[] {
  return [
    `link add ${nic} netns ${name} up type veth peer name ${device}`,
    ...instances.map(
      ({ instance, device: port }) =>
        `link add eth0 netns ${instance.name} address ${instance.mac} up type veth peer name ${port} netns ${name}`,
    ),
  ];
}

/**
 * Starts the compute node's Open vSwitch, whose database and sockets are the rack's own, as nothing else there has one.
 *
 * @param cables settles when its cables are there
 */
export async function buildCompute(
  rack: Host,
  plan: ComputeNodePlan,
  cables: Promise<void>,
  progress: Progress,
): Promise<void> {
  const { name: namespace, instances, endpoint, bridges, rules } = plan;
  await progress.step(
    `compute node ${namespace}: ${bridges.map(({ name }) => name).join(', ')}`,
    async () => {
      const [ovsdb] = await Promise.all([startDatabase(rack), cables]);
      try {
        await Promise.all([
          startSwitch(rack, ovsdb, bridges, { namespace }),
          ipBatch(
            rack,
            instances.map(({ device }) => `link set ${device} up`),
            { namespace },
          ),
          // Its Open vSwitch passes frames on as they are, and a checksum left to the "hardware" is wrong.
          ...instances.map(({ instance }) =>
            runIn(rack, ['ethtool', '--offload', 'eth0', 'tx', 'off'], { namespace: instance.name }),
          ),
        ]);
      } finally {
        ovsdb.close();
      }
      await Promise.all([
        ...Object.entries(rules.flows).map(([bridge, flows]) => replaceFlows(rack, bridge, flows)),
        setEndpoint(rack, endpoint, namespace),
      ]);
    },
  );
}

/** Gives a tunnel endpoint its address. */
export async function setEndpoint(
  host: Host,
  { device, address }: Pick<TunnelEndpoint, 'device' | 'address'>,
  namespace?: string,
): Promise<void> {
  await ipBatch(
    host,
    [`link set ${device} addrgenmode none`, `link set ${device} up`, `address add ${address} dev ${device}`],
    namespace ? { namespace } : {},
  );
}

/**
 * Makes both ends of the tunnels know each other: Open vSwitch's userspace datapath drops what it would send to an
 * endpoint whose MAC it has not heard, and asks for it. So the first DISCOVER of each would be lost.
 */
export async function joinEndpoints(
  ends: readonly { readonly host: Host; readonly endpoint: TunnelEndpoint; readonly namespace?: string }[],
): Promise<void> {
  await Promise.all(
    ends.map(async ({ host, endpoint: { device, peer }, namespace }) => {
      const place = namespace ? { namespace } : {};
      await waitFor(
        `the tunnel endpoint ${peer} to be known in ${namespace ?? host.name}`,
        async () => {
          await runIn(host, ['busybox', 'arping', '-q', '-f', '-c', '1', '-w', '1', '-I', device, peer], {
            ...place,
            accept: [0, 1],
          });
          const { stdout } = await runIn(host, ['ovs-appctl', 'tnl/neigh/show']);
          return stdout.includes(`${peer} `) ? true : undefined;
        },
        { timeoutMs: 10_000 },
      );
    }),
  );
}

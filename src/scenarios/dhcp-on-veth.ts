import { type Host, runIn } from '../linux/host.ts';
import { ipBatch } from '../linux/ip-batch.ts';
import type { DhcpAgentPlan } from '../neutron/dhcp-agent.ts';
import { addPort } from '../ovs/add-port.ts';

/**
 * Puts a veth in the place of dnsmasq's port, which Open vSwitch has made: what Neutron's `ovs_use_veth = True` does. It
 * goes by the same name, at both ends. Whoever listens on the old one has to be started again.
 */
export async function plugByVeth(devstack: Host, agent: DhcpAgentPlan): Promise<void> {
  const { tap, namespace, address, ipv6Address } = agent;
  await runIn(devstack, ['ovs-vsctl', 'del-port', 'br-int', tap.name]);
  await ipBatch(devstack, [
    `link add ${tap.name} type veth peer name ${tap.name} netns ${namespace}`,
    `link set ${tap.name} up`,
  ]);
  await ipBatch(
    devstack,
    [
      `link set ${tap.name} address ${tap.mac} up`,
      `address add ${address} dev ${tap.name}`,
      `address add ${ipv6Address} dev ${tap.name} nodad`,
    ],
    { namespace },
  );
  await addPort(devstack, 'br-int', { ...tap, type: 'system' });
}

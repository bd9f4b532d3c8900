import { existsSync } from 'node:fs';
import type { Domain } from '../libvirt/domain-xml.ts';
import { type Host, runIn, seenFromOutside } from '../linux/host.ts';
import { ipBatch } from '../linux/ip-batch.ts';
import { addPort } from '../ovs/add-port.ts';
import { StandIn } from './stand-in.ts';

/**
 * A stand-in in the place of a VM that is off: its MAC, its port on its bridge by the same name. Made at its first call;
 * it is there as long as the lab.
 */
export async function standInForDomain(devstack: Host, { name, nic }: Domain, ip: string): Promise<StandIn> {
  const { mac, device, bridge, interfaceId } = nic;
  const namespace = name;
  if (!existsSync(seenFromOutside(devstack, `/run/netns/${namespace}`))) {
    await ipBatch(devstack, [
      `netns add ${namespace}`,
      `link add eth0 netns ${namespace} address ${mac} up type veth peer name ${device}`,
      `link set ${device} up`,
    ]);
    // Open vSwitch's userspace datapath passes frames on as they are, and a checksum left to the "hardware" is wrong.
    await runIn(devstack, ['ethtool', '--offload', 'eth0', 'tx', 'off'], { namespace });
    await addPort(devstack, bridge, {
      name: device,
      type: 'system',
      externalIds: {
        ...(interfaceId ? { 'iface-id': interfaceId } : {}),
        'attached-mac': mac,
        'iface-status': 'active',
      },
    });
  }
  return new StandIn(
    { name, mac, ip },
    { host: devstack, namespace, nic: 'eth0', point: `devstack/${device}` },
  );
}

import { existsSync } from 'node:fs';
import { namespacesOf } from '../lab/place.ts';
import type { Domain } from '../libvirt/domain-xml.ts';
import { type Host, runIn, seenFromOutside } from '../linux/host.ts';
import { ipBatch } from '../linux/ip-batch.ts';
import { addPort } from '../ovs/add-port.ts';
import type { Port } from '../ovs/bridges.ts';
import { StandIn } from './stand-in.ts';

/**
 * A stand-in in the place of a VM that is off: its MAC, its port on its bridge by the same name. Made at its first call;
 * it is there until it is removed, or as long as the lab.
 */
export async function standInForDomain(devstack: Host, { name, nic }: Domain, ip: string): Promise<StandIn> {
  const { mac, device, bridge, interfaceId } = nic;
  const externalIds = {
    ...(interfaceId ? { 'iface-id': interfaceId } : {}),
    'attached-mac': mac,
    'iface-status': 'active',
  };
  await plug(devstack, { namespace: name, mac, bridge, port: { name: device, type: 'system', externalIds } });
  return new StandIn(
    { name, mac, ip },
    { host: devstack, namespace: name, nic: 'eth0', point: `devstack/${device}` },
  );
}

/** Removes the stand-in of a VM, if there is one, with its port. */
export async function removeStandIn(devstack: Host, { name, nic }: Domain): Promise<void> {
  await unplug(devstack, name, nic.device);
}

const strangerPrefix = 'stranger-';

/**
 * A stand-in that belongs to no network: its port is on br-int, an access port of a VLAN. It has an address that nobody
 * else has, and is there as `standInForDomain` is.
 */
export async function strangerOnIntegration(devstack: Host, vlan: number): Promise<StandIn> {
  const name = `${strangerPrefix}${vlan}`;
  const mac = `52:54:00:ff:${[vlan >> 8, vlan & 0xff].map((byte) => byte.toString(16).padStart(2, '0')).join(':')}`;
  const ip = '198.51.100.9';
  const device = `strange${vlan}`;
  const port: Port = { name: device, type: 'system', tag: vlan };
  await plug(devstack, { namespace: name, mac, bridge: 'br-int', port });
  await runIn(devstack, ['ip', 'address', 'replace', `${ip}/24`, 'dev', 'eth0'], { namespace: name });
  return new StandIn(
    { name, mac, ip },
    { host: devstack, namespace: name, nic: 'eth0', point: `devstack/${device}` },
  );
}

/** Removes every stranger. */
export async function removeStrangers(devstack: Host): Promise<void> {
  for (const name of namespacesOf(devstack)) {
    if (name.startsWith(strangerPrefix))
      await unplug(devstack, name, name.replace(strangerPrefix, 'strange'));
  }
}

/** A namespace with one NIC, `eth0`, whose other end is a port of a bridge. */
async function plug(
  devstack: Host,
  {
    namespace,
    mac,
    bridge,
    port,
  }: {
    readonly namespace: string;
    readonly mac: string;
    readonly bridge: string;
    readonly port: Port;
  },
): Promise<void> {
  if (isThere(devstack, namespace)) return;
  await ipBatch(devstack, [
    `netns add ${namespace}`,
    `link add eth0 netns ${namespace} address ${mac} up type veth peer name ${port.name}`,
    `link set ${port.name} up`,
  ]);
  // Open vSwitch's userspace datapath passes frames on as they are, and a checksum left to the "hardware" is wrong.
  await runIn(devstack, ['ethtool', '--offload', 'eth0', 'tx', 'off'], { namespace });
  await addPort(devstack, bridge, port);
}

async function unplug(devstack: Host, namespace: string, device: string): Promise<void> {
  if (!isThere(devstack, namespace)) return;
  await runIn(devstack, ['ovs-vsctl', '--if-exists', 'del-port', device]);
  // With the namespace alone its end of the cable would go some time later, and this end with it.
  await ipBatch(devstack, [`link del ${device}`, `netns del ${namespace}`]);
}

function isThere(devstack: Host, namespace: string): boolean {
  return existsSync(seenFromOutside(devstack, `/run/netns/${namespace}`));
}

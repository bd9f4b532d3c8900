import { createHash } from 'node:crypto';

/** The namespace (RFC 9562, section 5.5) below which all of the lab's identifiers are derived. */
const labNamespace = Buffer.from('6f1c1a0e3c1b5d8e9a55c7c1d0b4a2e7', 'hex');

/**
 * A UUID of version 5 (RFC 9562) that depends on `parts` alone, so that names made from it, such as
 * `qdhcp-<network id>`, are the same each time a topology is built.
 */
export function derivedUuid(...parts: readonly string[]): string {
  const bytes = createHash('sha1').update(labNamespace).update(parts.join('\0')).digest().subarray(0, 16);
  bytes.writeUInt8((bytes.readUInt8(6) & 0x0f) | 0x50, 6);
  bytes.writeUInt8((bytes.readUInt8(8) & 0x3f) | 0x80, 8);
  const hex = bytes.toString('hex');
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
}

/** The UUID of a network: the `<id>` of `qdhcp-<id>`. */
export function networkId(topology: string, network: string): string {
  return derivedUuid('network', topology, network);
}

/** The UUID of a router: the `<id>` of `qrouter-<id>`. */
export function routerId(topology: string, router: string): string {
  return derivedUuid('router', topology, router);
}

/** The UUID of a VM or server: of its libvirt domain and of its Ironic node. */
export function nodeId(topology: string, node: string): string {
  return derivedUuid('node', topology, node);
}

/** The UUID of the Neutron port that `device` (a VM, a server or a router) has on `network`. */
export function portId(topology: string, network: string, device: string): string {
  return derivedUuid('port', topology, network, device);
}

/** The UUID of the port on which a network's dnsmasq answers. */
export function dhcpPortId(topology: string, network: string): string {
  return derivedUuid('dhcp port', topology, network);
}

/** The UUID of a router's port on br-ex. */
export function gatewayPortId(topology: string, router: string): string {
  return derivedUuid('gateway port', topology, router);
}

/**
 * A port's interface as Neutron names it: the prefix and the first 11 characters of the port's id, which
 * together fill the 14 characters that Neutron allows an interface.
 */
export function portInterface(prefix: 'tap' | 'qr-' | 'qg-', port: string): string {
  return prefix + port.slice(0, 11);
}

/** The wire that a physical bridge holds: `eth2` for `br-eth2`. */
export function wireOf(bridge: string): string {
  return bridge.replace(/^br-/, '');
}

/** The management link, by the name of its device on both sides. */
export const managementDevice = 'mgmt';

/** The MAC of a port that the lab itself owns, below Neutron's `base_mac` fa:16:3e. */
export function portMac(port: string): string {
  return hashedMac('fa:16:3e', port, 0);
}

/**
 * The MAC of a VM or server whose topology names none, below QEMU's 52:54:00.
 *
 * @param attempt counts up from 0 while the MAC is taken: three bytes of hash do meet
 */
export function nodeMac(node: string, attempt: number): string {
  return hashedMac('52:54:00', node, attempt);
}

function hashedMac(prefix: string, name: string, attempt: number): string {
  const hash = createHash('sha1').update(`${name}\0${attempt}`).digest('hex');
  return [prefix, hash.slice(0, 2), hash.slice(2, 4), hash.slice(4, 6)].join(':');
}

import type { MachineNetwork } from '../linux/nic.ts';

/**
 * Why a NIC cannot be given to a lab, in a sentence; undefined when it can.
 *
 * @param iKnow whether the machine's own connections may go with it
 */
export function nicRefusal(nic: string, network: MachineNetwork, iKnow: boolean): string | undefined {
  const { links, defaultRoutes, ssh, wireless } = network;
  const link = links.find(({ ifname }) => ifname === nic);
  if (!link) {
    const others = links.filter(({ link_type }) => link_type !== 'loopback').map(({ ifname }) => ifname);
    return `this machine has no NIC ${nic}: it has ${others.join(', ') || 'none'}`;
  }
  const kind = link.linkinfo?.info_kind;
  if (link.link_type === 'loopback') return `${nic} is the loopback, which leads nowhere`;
  if (link.master !== undefined) return `${nic} is a port of ${link.master}, which would lose it`;
  if (kind === 'bridge' || kind === 'bond' || kind === 'team') {
    return `${nic} is a ${kind}, which the kernel moves nowhere: give one of the NICs that it is made of`;
  }
  if (wireless.includes(nic)) {
    return `${nic} is wireless: an access point takes frames of its own station only, so that no server is reached by it`;
  }
  const upper = links.find((it) => it.link === nic && it.linkinfo?.info_kind !== 'veth');
  if (upper) return `${upper.ifname} is made of ${nic}, and would go with it for good`;
  if (iKnow) return undefined;
  if (ssh === nic)
    return `this SSH session comes in by ${nic}, and would end (--i-know does it all the same)`;
  if (defaultRoutes.includes(nic)) {
    return `this machine's default route goes through ${nic} (--i-know does it all the same)`;
  }
  return undefined;
}

import type { SwitchPort } from '../topology/schema.ts';
import { tagged, tagOf, untagged } from './tags.ts';

/**
 * A frame as it leaves the rack's switch.
 *
 * @param frame the whole Ethernet frame, as it comes in by a port
 * @param from the setting of the port that it comes in by
 * @param to that of the port that it leaves by
 * @returns undefined when a port does not let it through
 */
export function throughSwitch(frame: Uint8Array, from: SwitchPort, to: SwitchPort): Uint8Array | undefined {
  const inside = vlanInside(tagOf(frame), from);
  if (inside === undefined) return undefined;
  const outside = vlanOutside(inside, to);
  if (outside === undefined) return undefined;
  if (outside === tagOf(frame)) return frame;
  const bare = tagOf(frame) === null ? frame : untagged(frame);
  return outside === null ? bare : tagged(bare, `vid=${outside}`);
}

/** The VLAN that a frame with this tag gets inside; undefined for one that is refused. */
function vlanInside(tag: number | null, port: SwitchPort): number | null | undefined {
  switch (port.mode) {
    case 'transparent':
      return tag;
    case 'access':
      return tag === null || tag === port.vlan ? port.vlan : undefined;
    case 'trunk':
      if (tag === null) return port.native_vlan ?? undefined;
      return tag === port.native_vlan || port.trunks.includes(tag) ? tag : undefined;
  }
}

/** The tag with which a frame of this VLAN leaves; undefined for one that may not. */
function vlanOutside(vlan: number | null, port: SwitchPort): number | null | undefined {
  switch (port.mode) {
    case 'transparent':
      return vlan;
    case 'access':
      return vlan === port.vlan ? null : undefined;
    case 'trunk':
      if (vlan === port.native_vlan) return null;
      return vlan !== null && port.trunks.includes(vlan) ? vlan : undefined;
  }
}

const addressesLength = 12;
const tagLength = 4;
/** IEEE 802.1Q and 802.1ad. */
const tagTypes: ReadonlySet<number> = new Set([0x8100, 0x88a8]);

/**
 * The frame with a tag behind its addresses.
 *
 * @param fields `vid=2,pcp=0`, with `tpid=0x88a8` where the tag is not one of IEEE 802.1Q
 */
export function tagged(frame: Uint8Array, fields: string): Uint8Array {
  const field = (name: string) => Number(new RegExp(`${name}=(\\w+)`).exec(fields)?.[1] ?? 0);
  const tag = Buffer.alloc(tagLength);
  tag.writeUInt16BE(field('tpid') || 0x8100, 0);
  tag.writeUInt16BE((field('pcp') << 13) | field('vid'), 2);
  return Buffer.concat([frame.subarray(0, addressesLength), tag, frame.subarray(addressesLength)]);
}

/** The frame without its outermost tag. */
export function untagged(frame: Uint8Array): Uint8Array {
  return Buffer.concat([frame.subarray(0, addressesLength), frame.subarray(addressesLength + tagLength)]);
}

/** The VLAN id of a frame's outermost tag; null without one. */
export function tagOf(frame: Uint8Array): number | null {
  const type = ((frame[addressesLength] ?? 0) << 8) | (frame[addressesLength + 1] ?? 0);
  if (!tagTypes.has(type)) return null;
  return (((frame[addressesLength + 2] ?? 0) & 0x0f) << 8) | (frame[addressesLength + 3] ?? 0);
}

/**
 * What a frame looks like at each port that Open vSwitch puts it out at.
 *
 * @param actions the datapath actions of ofproto/trace (ovs-actions(7)): `pop_vlan,tap0,push_vlan(vid=2,pcp=0),br-int`
 * @param frame the whole Ethernet frame as it came in
 */
export function framesPutOut(actions: string, frame: Uint8Array): ReadonlyMap<string, Uint8Array> {
  const out = new Map<string, Uint8Array>();
  let current = frame;
  for (const action of actions.split(/,(?![^(]*\))/)) {
    const push = /^push_vlan\((.*)\)$/.exec(action);
    if (push) current = tagged(current, push[1] ?? '');
    else if (action === 'pop_vlan') current = untagged(current);
    else if (action !== 'drop' && action !== '') out.set(action, current);
  }
  return out;
}

const addressesLength = 12;
const tagLength = 4;

/** @param fields `vid=2,pcp=0`, with `tpid=0x88a8` where the tag is not one of IEEE 802.1Q */
function tagged(frame: Uint8Array, fields: string): Uint8Array {
  const field = (name: string) => Number(new RegExp(`${name}=(\\w+)`).exec(fields)?.[1] ?? 0);
  const tag = Buffer.alloc(tagLength);
  tag.writeUInt16BE(field('tpid') || 0x8100, 0);
  tag.writeUInt16BE((field('pcp') << 13) | field('vid'), 2);
  return Buffer.concat([frame.subarray(0, addressesLength), tag, frame.subarray(addressesLength)]);
}

function untagged(frame: Uint8Array): Uint8Array {
  return Buffer.concat([frame.subarray(0, addressesLength), frame.subarray(addressesLength + tagLength)]);
}

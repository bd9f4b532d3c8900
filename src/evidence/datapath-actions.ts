import { tagged, untagged } from './tags.ts';

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

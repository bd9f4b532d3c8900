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
  for (const action of actionsIn(actions)) {
    const push = /^push_vlan\((.*)\)$/.exec(action);
    if (push) current = tagged(current, push[1] ?? '');
    else if (action === 'pop_vlan') current = untagged(current);
    // What goes into a tunnel, and what comes out of one, is another frame: clone(tnl_push(…),eth2), tnl_pop(4).
    else if (action !== 'drop' && !action.includes('(')) out.set(action, current);
  }
  return out;
}

/** The actions of a list, those in parentheses as one. */
function actionsIn(text: string): string[] {
  const actions: string[] = [];
  let depth = 0;
  let from = 0;
  for (let at = 0; at <= text.length; at++) {
    const character = text[at];
    if (character === '(') depth++;
    else if (character === ')') depth--;
    else if ((character === ',' && depth === 0) || character === undefined) {
      if (at > from) actions.push(text.slice(from, at));
      from = at + 1;
    }
  }
  return actions;
}

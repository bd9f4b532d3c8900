import { describe, expect, it } from 'vitest';
import { tagged, tagOf } from '../../src/evidence/tags.ts';
import { throughSwitch } from '../../src/evidence/through-switch.ts';
import type { SwitchPort } from '../../src/topology/schema.ts';
import { arp, ethernet } from '../packets/build.ts';

const bare = ethernet({ type: 0x0806 }, arp({}));
const transparent: SwitchPort = { mode: 'transparent' };
const access: SwitchPort = { mode: 'access', vlan: 7 };
const trunk: SwitchPort = { mode: 'trunk', trunks: [7, 1001], native_vlan: null };
const native: SwitchPort = { mode: 'trunk', trunks: [1001], native_vlan: 7 };

/** The tag behind the switch; undefined when it lets nothing through. */
function behind(vlan: number | null, from: SwitchPort, to: SwitchPort): number | null | undefined {
  const frame = throughSwitch(vlan === null ? bare : tagged(bare, `vid=${vlan}`), from, to);
  return frame && tagOf(frame);
}

describe("a frame behind the rack's switch", () => {
  it.each([
    [null, transparent, transparent, null],
    [1001, transparent, transparent, 1001],
    [null, access, trunk, 7],
    [7, access, trunk, 7],
    [1001, access, trunk, undefined],
    [null, access, native, null],
    [null, access, access, null],
    [1001, trunk, trunk, 1001],
    [5, trunk, trunk, undefined],
    [null, trunk, trunk, undefined],
    [null, native, access, null],
    [7, trunk, access, null],
    [1001, trunk, access, undefined],
  ] as const)('that came with tag %s from %j has behind %j the tag %s', (vlan, from, to, expected) => {
    expect(behind(vlan, from, to)).toBe(expected);
  });
});

import { describe, expect, it } from 'vitest';
import { ruleDeed, ruleSubject } from '../../src/evidence/rule-words.ts';
import { flatRules } from '../../src/neutron/provider-network/flat.ts';
import { greRules } from '../../src/neutron/provider-network/gre.ts';
import { vlanRules } from '../../src/neutron/provider-network/vlan.ts';
import type { Flow } from '../../src/ovs/flow.ts';

const vlans = { local: new Set([2]), segments: new Set([1001]) };
const crossing = { intPort: 'int-br-eth2', phyPort: 'phy-br-eth2', wire: 'eth2' };
const dropRest: Flow = { table: 0, priority: 2, match: 'in_port="int-br-eth2"', actions: 'drop' };

function deed(rule: Flow, others: readonly Flow[] = []): string {
  return ruleDeed(rule, rule.actions.split(/,(?![^(]*\))/), others, vlans);
}

describe('what a rule does', () => {
  it.each([
    ['juno', 'gives it local VLAN 2 and switches it'],
    ['current', 'gives it local VLAN 2 and goes on in table 59'],
  ] as const)('on the way in to a flat network, in the words of %s', (style, words) => {
    const [rule] = flatRules(style, { localVlan: 2 }, crossing).integration;
    expect(rule && deed(rule)).toBe(words);
  });

  it.each([
    ['juno', 'translates segment 1001 to local VLAN 2 and switches it'],
    ['current', 'translates segment 1001 to local VLAN 2 and goes on in table 59'],
  ] as const)('on the way in to a VLAN network, in the words of %s', (style, words) => {
    const [rule] = vlanRules(style, { localVlan: 2, segmentationId: 1001 }, crossing).integration;
    expect(rule && deed(rule)).toBe(words);
  });

  it.each([
    ['juno', 'takes its tag off and gives it key 1001 and sends it into the tunnel gre-ac1f0002'],
    ['current', 'takes its tag off and gives it key 1001 and sends it into the tunnel gre-ac1f0002'],
  ] as const)('on the way into a tunnel, in the words of %s', (style, words) => {
    const ports = [{ name: 'gre-ac1f0002', type: 'gre' }] as const;
    const [arriving, flooding] = greRules(style, { localVlan: 2, segmentationId: 1001 }, ports).tunnel;
    expect(flooding && deed(flooding)).toBe(words);
    expect(arriving && deed(arriving)).toBe('gives it local VLAN 2 and goes on in table 10');
    expect(arriving && ruleSubject(arriving, [])).toBe('what came with key 1001');
  });

  it('where it has learnt the way back', () => {
    const learnt: Flow = {
      table: 20,
      priority: 1,
      match: 'vlan_tci=0x0002/0x0fff,dl_dst=52:54:00:00:04:01',
      actions: 'load:0->NXM_OF_VLAN_TCI[],load:0x3e9->NXM_NX_TUN_ID[],output:"gre-ac1f0002"',
    };
    expect(ruleSubject(learnt, [])).toBe('a frame of VLAN 2 for 52:54:00:00:04:01');
    expect(deed(learnt)).toBe(
      'takes its tag off and gives it key 1001 and sends it into the tunnel gre-ac1f0002',
    );
  });

  it('on the way out', () => {
    const [flat] = flatRules('juno', { localVlan: 2 }, crossing).physical;
    const [vlan] = vlanRules('current', { localVlan: 2, segmentationId: 1001 }, crossing).physical;
    expect(flat && deed(flat)).toBe('takes its tag off and switches it');
    expect(vlan && deed(vlan)).toBe('translates local VLAN 2 to segment 1001 and switches it');
  });

  it('where it drops: what may enter instead', () => {
    const vlan = vlanRules('juno', { localVlan: 2, segmentationId: 1001 }, crossing).integration;
    const flat = flatRules('juno', { localVlan: 2 }, crossing).integration;
    const words = (rules: readonly Flow[]) => deed(dropRest, [...rules, dropRest]);
    expect(words(vlan)).toBe('drops it: from int-br-eth2 only segment 1001 may enter');
    expect(words(flat)).toBe('drops it: from int-br-eth2 only untagged frames may enter');
    expect(words([...vlan, ...flat])).toBe(
      'drops it: from int-br-eth2 only segment 1001 and untagged frames may enter',
    );
    expect(words([])).toBe('drops it: nothing may enter from int-br-eth2');
    expect(deed({ ...dropRest, match: 'dl_vlan=4095' })).toBe('drops it: VLAN 4095 is that of dead ports');
  });

  it('in NORMAL, by what Open vSwitch remarks', () => {
    const normal = (...remarks: string[]) => ruleDeed(dropRest, ['NORMAL', ...remarks], [], vlans);
    expect(normal('-> no learned MAC for destination, flooding')).toBe('floods it, as a switch does');
    expect(normal('-> forwarding to learned port')).toBe('switches it to the port of its destination');
    expect(
      normal(
        '>>>> dropping VLAN 2 tagged packet received on port tap0 configured as VLAN 2 access port <<<<',
      ),
    ).toBe('drops it: VLAN 2 tagged packet received on port tap0 configured as VLAN 2 access port');
  });
});

it('names the frames that are left to a rule', () => {
  const rules = [
    ...flatRules('juno', { localVlan: 2 }, crossing).integration,
    dropRest,
    { table: 0, priority: 1, match: '', actions: 'NORMAL' },
  ];
  expect(rules.map((rule) => ruleSubject(rule, rules))).toEqual([
    'an untagged frame from int-br-eth2',
    'anything else from int-br-eth2',
    'anything else',
  ]);
  const [, alone] = rules;
  expect(alone && ruleSubject(alone, [alone])).toBe('anything from int-br-eth2');
});

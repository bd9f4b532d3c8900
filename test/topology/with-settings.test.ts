import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parseTopology } from '../../src/topology/parse.ts';
import { problemWithSettings, topologyWith } from '../../src/topology/with-settings.ts';

const flat = parseTopology(readFileSync('topologies/flat.yaml', 'utf8'), 'flat.yaml');

describe('a topology with other settings', () => {
  it('without any is what it was', () => {
    expect(topologyWith(flat)).toEqual(flat);
    expect(topologyWith(flat, {})).toEqual(flat);
  });

  it('has them, with all that follows from them', () => {
    const crowd = topologyWith(flat, { vms: [], servers: [{ name: 'web', kind: 'namespace', count: 3 }] });
    expect(crowd.servers.map(({ name, network }) => [name, network])).toEqual([
      ['web-1', 'provider'],
      ['web-2', 'provider'],
      ['web-3', 'provider'],
    ]);
    expect(new Set(crowd.servers.map(({ ip }) => ip)).size).toBe(3);
    expect(crowd.vms).toEqual([]);
    expect(crowd.networks).toEqual(flat.networks);
    expect(crowd.capture_points).toContain('devstack/eth2');
    expect(crowd.capture_points.filter((point) => point.startsWith('rack/'))).toEqual([]);
  });

  it('has faults beside those of its file, and knows the wire by that word', () => {
    const lossy = topologyWith(flat, { link_faults: { mgmt: { delay_ms: 3 } } });
    const both = topologyWith(lossy, { link_faults: { wire: { loss: 0.5 } } });
    expect(both.link_faults).toMatchObject({ mgmt: { delay_ms: 3 }, eth2: { loss: 0.5, seed: 0 } });
  });

  it('is refused where they do not fit', () => {
    expect(() => topologyWith(flat, { link_faults: { web: {} } })).toThrow(
      /the scenario's settings do not fit the topology flat:\nlink_faults\.web: found the link "web", expected one of eth2, mgmt, /,
    );
  });
});

it.each([
  [7, 'is no object; it may set rules, interconnect, link_faults, vms, servers'],
  [
    { name: 'z' },
    'sets name, which no scenario can; it may set rules, interconnect, link_faults, vms, servers',
  ],
  [{ rules: 'kilo' }, 'sets rules to kilo; expected juno, current, article'],
  [
    { link_faults: { wire: { loss: 2 } } },
    'sets link_faults.wire.loss to 2; expected a probability from 0 to 1',
  ],
  [{ rules: 'current', link_faults: { wire: {} } }, undefined],
])('settings %j: %s', (given, problem) => {
  expect(problemWithSettings(given)).toBe(problem);
});

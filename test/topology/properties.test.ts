import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { stringify } from 'yaml';
import { ipv4ToNumber, subnetOf } from '../../src/topology/ipv4.ts';
import { parseTopology } from '../../src/topology/parse.ts';
import { refusalOf } from './refusal.ts';

const shipped = readFileSync('topologies/vlan.yaml', 'utf8');

/** Topologies as a person may write them: much left out, all of it right. */
const correct = fc
  .record({
    networks: fc.array(
      fc.record(
        { flat: fc.boolean(), local_vlan: fc.boolean(), prefix: fc.integer({ min: 20, max: 25 }) },
        { requiredKeys: ['flat', 'prefix'] },
      ),
      { minLength: 1, maxLength: 4 },
    ),
    nodes: fc.array(
      fc.record(
        {
          kind: fc.constantFrom('on brbm', 'namespace', 'vm'),
          network: fc.nat(3),
          mac: fc.boolean(),
          ip: fc.boolean(),
          count: fc.integer({ min: 1, max: 9 }),
          known: fc.boolean(),
        },
        { requiredKeys: ['kind'] },
      ),
      { maxLength: 8 },
    ),
  })
  .map(({ networks, nodes }) => {
    const described = nodes.map(({ kind, network, mac, ip, count, ...rest }, index) => {
      const counted = kind === 'namespace' && count !== undefined;
      const on = network === undefined ? 0 : network % networks.length;
      return {
        name: `node${index}`,
        ...rest,
        ...(kind === 'on brbm' ? {} : { kind }),
        ...(network === undefined ? {} : { network: `net${on}` }),
        ...(mac && !counted ? { mac: `02:00:00:00:00:0${index}` } : {}),
        ...(ip && !counted ? { ip: `10.${on}.0.${index + 10}` } : {}),
        ...(counted ? { count } : {}),
      };
    });
    return {
      bridge_mappings: Object.fromEntries(
        networks.map((_, index) => [`physnet${index}`, `br-eth${index + 2}`]),
      ),
      networks: networks.map(({ flat, local_vlan, prefix }, index) => ({
        name: `net${index}`,
        provider: {
          physical_network: `physnet${index}`,
          ...(flat ? { network_type: 'flat' } : { network_type: 'vlan', segmentation_id: 1000 + index }),
        },
        ...(local_vlan ? { local_vlan: 5 - index } : {}),
        subnet: { cidr: `10.${index}.0.0/${prefix}` },
      })),
      vms: described.filter((node) => !('kind' in node)),
      servers: described.filter((node) => 'kind' in node),
    };
  });

test('a correct topology is completed without a clash, and is then its own complete form', () => {
  fc.assert(
    fc.property(correct, (written) => {
      const topology = parseTopology(stringify(written), 'F.yaml');
      const nodes = [...topology.vms, ...topology.servers];
      expect(distinct(nodes.map((node) => node.name))).toBe(true);
      expect(distinct(nodes.map((node) => node.mac))).toBe(true);
      expect(distinct(topology.networks.map((network) => network.local_vlan))).toBe(true);
      for (const { name, subnet } of topology.networks) {
        const here = nodes.filter((node) => node.network === name).map((node) => node.ip);
        const addresses = [subnet.gateway_ip, subnet.dhcp.ip, ...here];
        expect(distinct(addresses)).toBe(true);
        const { network, broadcast } = subnetOf(subnet.cidr);
        expect(addresses.map(ipv4ToNumber).every((it) => it > network && it < broadcast)).toBe(true);
      }
      expect(parseTopology(stringify(topology), 'F.yaml')).toEqual(topology);
    }),
  );
});

test('a file damaged anywhere is read, or refused with places that exist in it', () => {
  const damage = fc.record({
    at: fc.nat(shipped.length),
    removed: fc.nat(12),
    put: fc.oneof(
      fc.string({ maxLength: 6 }),
      fc.constantFrom('\n', '\t', ': ', '- ', '{', ']', '&a ', '*a', '~', '"'),
    ),
  });
  fc.assert(
    fc.property(fc.array(damage, { minLength: 1, maxLength: 3 }), (damages) => {
      const text = damages.reduce(
        (all, { at, removed, put }) => all.slice(0, at) + put + all.slice(at + removed),
        shipped,
      );
      expectPlacesIn(
        text,
        refusalOf(() => parseTopology(text, 'F')),
      );
    }),
    { numRuns: 300 },
  );
});

test('any data at all is read, or refused with places that exist in it', () => {
  const keys = fc.constantFrom(
    'networks',
    'vms',
    'servers',
    'switch',
    'routers',
    'management',
    'capture_points',
  );
  fc.assert(
    fc.property(fc.oneof(fc.jsonValue(), fc.dictionary(keys, fc.jsonValue())), (data) => {
      const text = stringify(data);
      expectPlacesIn(
        text,
        refusalOf(() => parseTopology(text, 'F')),
      );
    }),
    { numRuns: 300 },
  );
});

function distinct(values: readonly unknown[]): boolean {
  return new Set(values).size === values.length;
}

function expectPlacesIn(text: string, problems: readonly string[]): void {
  const lines = text.split('\n');
  for (const problem of problems) {
    const [, line = '', column = ''] = /^F:(\d+):(\d+): found ./.exec(problem) ?? [];
    const length = lines[Number(line) - 1]?.length;
    expect(length, problem).toBeDefined();
    expect(Number(column), problem).toBeLessThanOrEqual((length ?? 0) + 1);
  }
}

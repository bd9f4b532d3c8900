import { expect, test } from 'vitest';
import { addressFor, type BoundPort, boundEntries } from '../../src/ironic/conductor/dhcp.ts';
import { portId } from '../../src/topology/ids.ts';
import { parseTopology } from '../../src/topology/parse.ts';

const topology = parseTopology(
  `
bridge_mappings: { physnet1: br-eth2, physnet2: br-eth3 }
networks:
  - name: red
    provider: { network_type: flat, physical_network: physnet1 }
    subnet: { cidr: 10.0.0.0/24 }
  - name: blue
    provider: { network_type: flat, physical_network: physnet2 }
    subnet: { cidr: 10.1.0.0/24, allocation_pools: [{ start: 10.1.0.50, end: 10.1.0.52 }] }
servers:
  - { name: server-1, kind: vm, mac: "52:54:00:00:03:01", ip: 10.0.0.31 }
  - { name: server-2, kind: vm, network: blue, mac: "52:54:00:00:03:02", ip: 10.1.0.51 }
  - { name: unknown-1, kind: vm, mac: "52:54:00:00:03:03", known: false }
`,
  'two.yaml',
);
const [red, blue] = topology.networks;
if (!red || !blue) throw new Error('a network is missing');

const port = (network: string, mac: string, ip: string | null): BoundPort => ({
  network,
  mac,
  ip,
  options: [{ option: 'bootfile-name', value: 'x' }],
});

test("a machine on its own network has the topology's address, or none that dnsmasq knows", () => {
  for (const [name, mac] of [
    ['server-1', '52:54:00:00:03:01'],
    ['unknown-1', '52:54:00:00:03:03'],
  ] as const) {
    const port_id = portId(topology.name, 'red', name);
    expect(addressFor({ mac, network: 'red', port_id }, topology, red, new Map())).toBeNull();
  }
  const ports = new Map([['p', port('red', '52:54:00:00:03:03', null)]]);
  expect(boundEntries(topology, red, ports).map(({ mac }) => mac)).toEqual(['52:54:00:00:03:01']);
});

test('a machine from elsewhere gets the next free address of the pools, as a port of Neutron does', () => {
  const node = { mac: '52:54:00:99:00:01', network: 'blue', port_id: 'p1' };
  // .50 is dnsmasq's own, .51 of server-2.
  expect(addressFor(node, topology, blue, new Map())).toBe('10.1.0.52');
  const ports = new Map([['p', port('blue', '52:54:00:99:00:02', '10.1.0.52')]]);
  expect(() => addressFor(node, topology, blue, ports)).toThrow('no free address left');
});

test('a machine that is enrolled anew keeps its address, and its options are those of its new port', () => {
  const node = { mac: '52:54:00:00:03:01', network: 'red', port_id: 'another' };
  const ip = addressFor(node, topology, red, new Map());
  expect(ip).toBe('10.0.0.31');
  const ports = new Map([['another', port('red', node.mac, ip)]]);
  expect(boundEntries(topology, red, ports)).toEqual([{ mac: node.mac, ip, port: 'another' }]);
});

test('a machine that was put on another network is known there, and no longer at home', () => {
  const ports = new Map([['the-port', port('blue', '52:54:00:00:03:01', '10.1.0.52')]]);
  expect(boundEntries(topology, red, ports)).toEqual([]);
  expect(boundEntries(topology, blue, ports)).toContainEqual({
    mac: '52:54:00:00:03:01',
    ip: '10.1.0.52',
    port: 'the-port',
  });
});

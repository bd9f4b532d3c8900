import { expect, test } from 'vitest';
import { parseTopology } from '../../src/topology/parse.ts';

const network = `networks:
  - name: provider
    provider: { network_type: flat, physical_network: physnet1 }
    subnet: { cidr: 10.0.0.0/24 }
`;

test('a topology of one network alone has every setting', () => {
  expect(parseTopology(network, 'some/where/My lab.yaml')).toEqual({
    name: 'My-lab',
    title: 'My-lab',
    rules: 'juno',
    interconnect: 'patch',
    bridge_mappings: { physnet1: 'br-eth2' },
    networks: [
      {
        name: 'provider',
        provider: { network_type: 'flat', physical_network: 'physnet1' },
        local_vlan: 2,
        subnet: {
          cidr: '10.0.0.0/24',
          gateway_ip: '10.0.0.1',
          allocation_pools: [{ start: '10.0.0.2', end: '10.0.0.254' }],
          dhcp: { ip: '10.0.0.2', lease_duration: 86400 },
        },
      },
    ],
    external_network: null,
    routers: [],
    tunnel: null,
    vms: [],
    switch: { name: 'tor', uplink: { mode: 'transparent' } },
    management: { cidr: '192.168.24.0/24', ip: '192.168.24.1' },
    servers: [],
    link_faults: {},
    capture_points: [
      expect.stringMatching(/^devstack\/tap[0-9a-f]{8}-[0-9a-f]{2}$/),
      'devstack/br-int',
      'devstack/brbm-tap1',
      'devstack/br-eth2',
      'devstack/eth2',
    ],
  });
});

test('a server that is only named has a MAC, an address, a switch port and, if it is a VM, a BMC', () => {
  const { servers } = parseTopology(
    `${network}servers: [{ name: light, kind: namespace }, { name: heavy, kind: vm }]`,
    'F',
  );
  const mac = expect.stringMatching(/^52:54:00(:[0-9a-f]{2}){3}$/);
  const both = { network: 'provider', mac, known: true, port: { mode: 'transparent' } };
  expect(servers).toEqual([
    { ...both, name: 'light', kind: 'namespace', ip: '10.0.0.3', vlan: null },
    {
      ...both,
      name: 'heavy',
      kind: 'vm',
      ip: '10.0.0.4',
      memory_mib: 512,
      cpus: 1,
      disk_gib: 1,
      firmware: 'bios',
      option_rom: true,
      bmc: { ip: '192.168.24.2', username: 'admin' },
      fru: { manufacturer: 'lab', product: 'virtual server', serial: 'heavy' },
    },
  ]);
});

test('what is given out steps around what the file names', () => {
  const { networks, vms, servers, management } = parseTopology(
    `management: { cidr: 10.9.0.0/28, ip: 10.9.0.2 }
networks:
  - name: one
    provider: { network_type: vlan, physical_network: physnet1, segmentation_id: 7 }
    subnet:
      cidr: 10.0.0.0/28
      gateway_ip: 10.0.0.3
      allocation_pools: [{ start: 10.0.0.1, end: 10.0.0.2 }, { start: 10.0.0.9, end: 10.0.0.14 }]
  - name: two
    provider: { network_type: vlan, physical_network: physnet1, segmentation_id: 8 }
    local_vlan: 2
    subnet: { cidr: 10.0.0.0/28, gateway_ip: 10.0.0.5, dhcp: { ip: 10.0.0.1 } }
  - name: three
    provider: { network_type: vlan, physical_network: physnet1, segmentation_id: 9 }
    subnet: { cidr: 10.1.0.0/28 }
vms:
  - { name: a }
  - { name: b }
  - { name: c, network: two }
servers:
  - { name: d, kind: vm }
  - { name: e, kind: vm, ip: 10.0.0.2, bmc: { ip: 10.9.0.1 } }
  - { name: f, kind: vm, ip: 10.0.0.9, bmc: { ip: 10.9.0.3 } }`,
    'F',
  );
  expect(networks.map((it) => it.local_vlan)).toEqual([3, 2, 4]);
  expect(networks.map((it) => it.subnet.dhcp.ip)).toEqual(['10.0.0.1', '10.0.0.1', '10.1.0.2']);
  expect(networks[1]?.subnet.allocation_pools).toEqual([
    { start: '10.0.0.1', end: '10.0.0.4' },
    { start: '10.0.0.6', end: '10.0.0.14' },
  ]);
  expect(vms.map((vm) => vm.ip)).toEqual(['10.0.0.10', '10.0.0.11', '10.0.0.2']);
  expect(servers.map((server) => server.ip)).toEqual(['10.0.0.12', '10.0.0.2', '10.0.0.9']);
  expect(management.ip).toBe('10.9.0.2');
  expect(servers.map((server) => server.kind === 'vm' && server.bmc.ip)).toEqual([
    '10.9.0.4',
    '10.9.0.1',
    '10.9.0.3',
  ]);
});

test('a count makes that many servers, none of them a capture point', () => {
  const { servers, capture_points } = parseTopology(
    `${network}servers:
  - { name: stand-in, kind: namespace, count: 200, port: { mode: access, vlan: 7 } }
  - { name: server, kind: vm }`,
    'F',
  );
  expect(servers).toHaveLength(201);
  expect(servers[199]).toMatchObject({ name: 'stand-in-200', ip: '10.0.0.202', port: { vlan: 7 } });
  expect(new Set(servers.map((server) => server.mac)).size).toBe(201);
  expect(servers[0]).not.toHaveProperty('count');
  expect(capture_points.filter((point) => point.startsWith('rack/'))).toEqual(['rack/server']);
});

test('MACs that meet in their hash are told apart', () => {
  // Found by search: the MACs derived from these two names are equal at the first attempt.
  const [one, other] = parseTopology(`${network}vms: [{ name: vm-7631 }, { name: vm-10012 }]`, 'F').vms;
  expect(one?.mac).not.toBe(other?.mac);
});

test('MACs are written in small letters', () => {
  const { vms } = parseTopology(`${network}vms: [{ name: a, mac: 52:54:00:AB:CD:EF }]`, 'F');
  expect(vms[0]?.mac).toBe('52:54:00:ab:cd:ef');
});

test('the settings of a switch port are complete', () => {
  const { servers } = parseTopology(
    `${network}servers: [{ name: a, kind: namespace, vlan: 0, port: { mode: trunk, trunks: [1001] } }]`,
    'F',
  );
  expect(servers[0]).toMatchObject({ vlan: 0, port: { mode: 'trunk', trunks: [1001], native_vlan: null } });
});

test('a tunnel that is only named has its endpoints, and a compute node', () => {
  const { tunnel } = parseTopology(`${network}tunnel: {}`, 'F');
  expect(tunnel).toEqual({
    cidr: '172.31.0.0/24',
    local_ip: '172.31.0.1',
    physical_network: 'physnet1',
    compute: { name: 'compute-1', ip: '172.31.0.2', port: { mode: 'transparent' }, instances: [] },
  });
});

test("the compute node's instances have addresses of their network, as VMs and servers have", () => {
  const { tunnel, capture_points, vms } = parseTopology(
    `${network}vms: [{ name: a }]
tunnel: { local_ip: 172.31.0.2, compute: { name: c, instances: [{ name: i }] } }`,
    'F',
  );
  expect(tunnel?.compute.ip).toBe('172.31.0.1');
  const [instance] = tunnel?.compute.instances ?? [];
  expect(instance).toMatchObject({ name: 'i', network: 'provider', known: true });
  expect(instance?.ip).not.toBe(vms[0]?.ip);
  expect(capture_points).toEqual(expect.arrayContaining(['rack/c', 'rack/i']));
});

import { expect, test } from 'vitest';
import { credentialsFor } from '../../src/devstack/credentials-for.ts';
import { readDevstack } from '../../src/devstack/read.ts';
import { labPlan } from '../../src/lab/plan.ts';
import { parseTopology } from '../../src/topology/parse.ts';

test.each(['localrc', 'local.conf'])('the topology written for %s is the one that is built', (file) => {
  const { yaml, topology } = readDevstack({ localrc: `samples/devstack/${file}` }, 'devstack');
  expect(parseTopology(yaml, 'devstack.yaml')).toEqual(topology);
});

test('hardware_info names the servers, and the localrc the flat network they are on', () => {
  const { topology, driver, credentials, yaml } = readDevstack(
    { localrc: 'samples/devstack/localrc' },
    'devstack',
  );
  expect(driver).toBe('agent_ipmitool');
  expect(topology.networks.map(({ provider }) => provider)).toEqual([
    { network_type: 'flat', physical_network: 'physnet1' },
  ]);
  expect(topology.servers).toMatchObject([
    { name: 'node-0', mac: '52:54:00:00:03:01', bmc: { ip: '192.168.24.11', username: 'admin' } },
    { name: 'node-1', mac: '52:54:00:00:03:02', bmc: { ip: '192.168.24.12', username: 'admin' } },
  ]);
  expect(credentials.map(({ server }) => server)).toEqual(['node-0', 'node-1']);
  for (const { password } of credentials) expect(yaml).not.toContain(password);
});

test('VLANs for tenants give the first segment of their range, behind a router', () => {
  const { topology, driver } = readDevstack({ localrc: 'samples/devstack/local.conf' }, 'devstack');
  expect(driver).toBe('pxe_ssh');
  expect(topology.networks.map(({ provider }) => provider)).toEqual([
    { network_type: 'vlan', physical_network: 'physnet1', segmentation_id: 1001 },
  ]);
  expect(topology.vms.map(({ name }) => name)).toEqual(['baremetalbrbm_0', 'baremetalbrbm_1']);
  expect(topology.routers).toHaveLength(1);
});

test('servers that are there are written as they are, and their passwords are known by their MACs', () => {
  const files = { localrc: 'samples/devstack/localrc' };
  const { topology, yaml, credentials } = readDevstack(files, 'devstack', { real: true });
  expect(topology.servers).toMatchObject([
    { name: 'node-0', kind: 'external', mac: '52:54:00:00:03:01', bmc: { ip: '192.168.24.11' } },
    { name: 'node-1', kind: 'external', mac: '52:54:00:00:03:02', bmc: { ip: '192.168.24.12' } },
  ]);
  expect(labPlan(topology)).toMatchObject({ rack: { ports: [], domains: [] }, management: { bmcs: [] } });
  expect(credentialsFor(parseTopology(yaml, 'devstack.yaml'), 'samples/devstack/hardware_info')).toEqual(
    credentials,
  );
});

test('a hardware_info with a server that the topology does not have is refused by its line alone', () => {
  const { topology } = readDevstack({ localrc: 'samples/devstack/local.conf' }, 'devstack');
  const refused = () => credentialsFor(topology, 'samples/devstack/hardware_info');
  expect(refused).toThrow(/hardware_info:\d+: no server of the topology with a BMC has this MAC/);
  expect(refused).not.toThrow(/first-secret/);
});

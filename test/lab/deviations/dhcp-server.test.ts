import { expect, it } from 'vitest';
import { compareHosts, compareOptions, selectionOf } from '../../../src/lab/deviations/dhcp-server.ts';
import { labPlan } from '../../../src/lab/plan.ts';
import { loadTopology } from '../../../src/topology/parse.ts';

const agents = labPlan(await loadTopology('topologies/flat.yaml')).devstack.dhcpAgents;
const agent = agents[0] as (typeof agents)[number];
const { host = '', opts = '' } = agent.files;

it('files as planned deviate in nothing', () => {
  expect([...compareHosts(agent, host), ...compareOptions(agent, opts)]).toEqual([]);
});

it('a host entry that is missing is told with its MAC', () => {
  const [first = ''] = host.split('\n');
  const [mac = ''] = first.split(',');
  expect(compareHosts(agent, host.replace(`${first}\n`, ''))).toMatchObject([
    { thing: `dhcp-host ${mac}`, mac, text: `dnsmasq of network provider has no host entry for ${mac}` },
  ]);
});

it('a host entry with another address is told as it is and as it should be', () => {
  const [found] = compareHosts(agent, host.replace('10.0.0.10', '10.0.0.99'));
  expect(found?.text).toMatch(/has the host entry .*10\.0\.0\.99.* instead of .*10\.0\.0\.10/);
});

it('an option with another value is told, and options of ports only where they are known', () => {
  const line = 'tag:port-1,option:bootfile-name,pxelinux.0\n';
  expect(compareOptions(agent, `${opts}${line}`)).toEqual([]);
  const [found] = compareOptions(agent, `${opts}${line.replace('pxelinux.0', 'other')}`, `${opts}${line}`);
  expect(found).toMatchObject({
    thing: 'dhcp-option provider tag:port-1,option:bootfile-name',
    text: 'dnsmasq of network provider gives other instead of pxelinux.0 as tag:port-1,option:bootfile-name',
  });
});

it.each([
  ['tag:tag0,option:router,10.0.0.1', 'tag:tag0,option:router'],
  ['tag:a,tag:!ipxe,option:bootfile-name,a,b', 'tag:a,tag:!ipxe,option:bootfile-name'],
  ['tag:a,150,10.0.0.1', 'tag:a,150'],
  ['tag:a,tag:ipxe,encap:175,176,1b', 'tag:a,tag:ipxe,encap:175,176'],
])('of %s what selects it is %s', (line, selection) => {
  expect(selectionOf(line)).toBe(selection);
});

import { expect, test } from 'vitest';
import { addressWords, findNic, type NetworkLink, type NicState, routesIn } from '../../src/linux/nic.ts';

test('routes are kept as they are told, those to neighbours first, without what comes with addresses', () => {
  // ip -4 route show table all dev wlan0, of iproute2 6.1
  const told = `default via 192.168.1.1 proto dhcp src 192.168.1.7 metric 600 linkdown 
192.168.1.0/24 proto kernel scope link src 192.168.1.7 metric 600 
local 192.168.1.7 table local proto kernel scope host src 192.168.1.7 
broadcast 192.168.1.255 table local proto kernel scope link src 192.168.1.7 
default via fe80::1 proto ra metric 1024 expires 1793sec hoplimit 64 pref medium
`;
  expect(routesIn(told)).toEqual([
    '192.168.1.0/24 proto kernel scope link src 192.168.1.7 metric 600',
    'default via 192.168.1.1 proto dhcp src 192.168.1.7 metric 600',
    'default via fe80::1 proto ra metric 1024 expires 1793 hoplimit 64 pref medium',
  ]);
});

test('an address keeps its peer, label and lifetimes', () => {
  const common = { family: 'inet', local: '10.0.0.5', scope: 'global' } as const;
  expect(addressWords('eth1', { ...common, prefixlen: 24, broadcast: '10.0.0.255', label: 'eth1:0' })).toBe(
    '10.0.0.5/24 broadcast 10.0.0.255 scope global label eth1:0',
  );
  expect(addressWords('eth1', { ...common, prefixlen: 32, address: '10.0.0.6', label: 'eth1' })).toBe(
    '10.0.0.5 peer 10.0.0.6/32 scope global',
  );
  const lifetimes = { valid_life_time: 3600, preferred_life_time: 1800, noprefixroute: true };
  expect(addressWords('eth1', { family: 'inet6', local: 'fd00::5', prefixlen: 64, ...lifetimes })).toBe(
    'fd00::5/64 valid_lft 3600 preferred_lft 1800 noprefixroute nodad',
  );
});

test('a NIC is found by its own MAC, not taken for a device that is made of it or a bond that has its MAC', () => {
  const link = (ifname: string, more: Partial<NetworkLink>): NetworkLink => ({
    ifname,
    mtu: 1500,
    flags: [],
    ...more,
  });
  const links = [
    link('bond0', { address: '00:1b:21:00:00:01', linkinfo: { info_kind: 'bond' } }),
    link('eth1.7', { address: '00:1b:21:00:00:01', linkinfo: { info_kind: 'vlan' } }),
    link('dev3', { address: '02:00:00:00:00:99', permaddr: '00:1b:21:00:00:01' }),
  ];
  const state = { name: 'eth1', kind: null, hardwareAddress: '00:1b:21:00:00:01' } as NicState;
  expect(findNic(links, state)?.ifname).toBe('dev3');
  expect(findNic(links.slice(0, 2), state)).toBeUndefined();
});

import { expect, test } from 'vitest';
import { parseDhcpLeases } from '../../src/neutron/dhcp-leases.ts';

// dnsmasq 2.90's lease file after two clients, one of them without a name, and a DHCPv6 part.
const text = `1795581744 52:54:00:00:02:01 10.0.0.21 host-10-0-0-21 01:52:54:00:00:02:01
0 52:54:00:00:02:02 10.0.0.22 * *
duid 00:01:00:01:2e:91:aa:bb:52:54:00:00:00:01
1795581744 12345 fd00::21 name 00:01:00:01
`;

test('a lease is told with its end, and one that has none with null', () => {
  expect(parseDhcpLeases(text)).toEqual([
    {
      expires: '2026-11-25T04:42:24.000Z',
      mac: '52:54:00:00:02:01',
      ip: '10.0.0.21',
      hostname: 'host-10-0-0-21',
    },
    { expires: null, mac: '52:54:00:00:02:02', ip: '10.0.0.22', hostname: null },
  ]);
});

test('an empty file holds no lease', () => {
  expect(parseDhcpLeases('')).toEqual([]);
});

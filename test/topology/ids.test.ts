import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  derivedUuid,
  dhcpPortId,
  gatewayPortId,
  networkId,
  nodeId,
  portId,
  portInterface,
  portMac,
  routerId,
  wireOf,
} from '../../src/topology/ids.ts';

test('an identifier is a UUID of version 5', () => {
  fc.assert(
    fc.property(fc.array(fc.string()), (parts) => {
      expect(derivedUuid(...parts)).toMatch(
        /^[0-9a-f]{8}-[0-9a-f]{4}-5[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/,
      );
    }),
  );
});

test('identifiers stay the same from release to release, for state on disk refers to them', () => {
  expect(networkId('flat', 'provider')).toBe('8cdefd7e-a8c0-593f-b00c-f76a675022bd');
});

test('different things have different identifiers', () => {
  const ids = [
    networkId('flat', 'a'),
    networkId('vlan', 'a'),
    routerId('flat', 'a'),
    nodeId('flat', 'a'),
    dhcpPortId('flat', 'a'),
    gatewayPortId('flat', 'a'),
    portId('flat', 'a', 'b'),
    portId('flat', 'ab', ''),
  ];
  expect(new Set(ids).size).toBe(ids.length);
});

test("a port's interface and MAC are made as Neutron makes them", () => {
  const port = '3cf9a6b2-7d11-4b0e-9a50-0c1d2e3f4a5b';
  expect(portInterface('tap', port)).toBe('tap3cf9a6b2-7d');
  expect(portInterface('qg-', port)).toBe('qg-3cf9a6b2-7d');
  expect(portMac(port)).toMatch(/^fa:16:3e(:[0-9a-f]{2}){3}$/);
  expect(wireOf('br-eth2')).toBe('eth2');
});

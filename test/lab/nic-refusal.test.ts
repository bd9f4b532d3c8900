import { expect, test } from 'vitest';
import { nicRefusal } from '../../src/lab/nic-refusal.ts';
import type { MachineNetwork } from '../../src/linux/nic.ts';

const link = (ifname: string, more: object = {}) => ({ ifname, mtu: 1500, flags: [], ...more });
const network: MachineNetwork = {
  links: [link('eth0'), link('wlan0'), link('eth1'), link('eth1.7', { link: 'eth1' }), link('eth2')],
  defaultRoutes: ['eth0'],
  ssh: 'eth2',
  wireless: ['wlan0'],
};

test('what the machine needs is given away only by who knows, what cannot be given by nobody', () => {
  expect(nicRefusal('eth0', network, false)).toContain('default route');
  expect(nicRefusal('eth2', network, false)).toContain('SSH session');
  expect(nicRefusal('eth0', network, true)).toBeUndefined();
  expect(nicRefusal('eth2', network, true)).toBeUndefined();
  expect(nicRefusal('wlan0', network, true)).toContain('wlan0 is wireless');
  expect(nicRefusal('eth1', network, true)).toContain('eth1.7 is made of eth1');
});

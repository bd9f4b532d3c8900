import { expect, test } from 'vitest';
import { loginPrompt } from '../../src/ironic/boot.ts';

test.each([
  ['server-1 login:', true],
  ['server-1 login: ', true],
  // From Debian 12's console.
  ['server-bios login: [   62.619572] cloud-init[506]: 2026-11-23 09:35:50,861 - ug_util.py', true],
  ['Last login: Mon Nov 23 09:35:50', false],
  ['[   12.345678] systemd-logind[1]: login: ready', false],
])('%j is a login prompt: %s', (line, isPrompt) => {
  expect(loginPrompt.test(line)).toBe(isPrompt);
});

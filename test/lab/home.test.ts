import fc from 'fast-check';
import { expect, test } from 'vitest';
import { checkLabName, labNameFor } from '../../src/lab/home.ts';

test('a name made of any others is a name that a lab may have', () => {
  fc.assert(
    fc.property(fc.array(fc.string({ maxLength: 80 })), fc.nat(4_194_304), (parts, pid) => {
      expect(() => checkLabName(labNameFor(parts, `-${pid}`))).not.toThrow();
      expect(labNameFor(parts, `-${pid}`).endsWith(`-${pid}`)).toBe(true);
    }),
  );
});

test('a name made of names is read as such', () => {
  expect(labNameFor(['dhcp-from-physical', 'flat'])).toBe('dhcp-from-physical-flat');
  expect(labNameFor(['my scenario', '../mine'], '-7')).toBe('my-scenario-mine-7');
});

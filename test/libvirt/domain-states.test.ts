import { expect, test } from 'vitest';
import { parseDomainList } from '../../src/libvirt/domain-states.ts';

test('states of several words and names that look like numbers are read', () => {
  // virsh 9.0.0, `list --all`.
  const text = ` Id   Name              State
----------------------------------
 1    baremetalbrbm_0   running
 12   3                 paused
 -    server-1          shut off

`;
  expect([...parseDomainList(text)]).toEqual([
    ['baremetalbrbm_0', 'running'],
    ['3', 'paused'],
    ['server-1', 'shut off'],
  ]);
});

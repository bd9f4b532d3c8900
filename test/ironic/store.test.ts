import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { enrolledNode } from '../../src/ironic/conductor/enroll.ts';
import { NodeStore } from '../../src/ironic/conductor/store.ts';
import { publicNode } from '../../src/ironic/node.ts';

function folder(): string {
  const made = mkdtempSync(join(tmpdir(), 'lab-nodes-'));
  onTestFinished(() => rmSync(made, { recursive: true, force: true }));
  return made;
}

const networks = ['provider'];
const wanted = { name: 'server-1', mac: '52:54:00:00:03:01', network: 'provider', driver: 'pxe_ssh' };

test('a node is there again for the conductor that comes after', () => {
  const at = folder();
  const saved = new NodeStore(at).save(enrolledNode(wanted, [], networks));
  const again = new NodeStore(at);
  expect(again.get('server-1')).toEqual(saved);
  expect(again.findByMac(['52:54:00:00:03:01'])?.uuid).toBe(saved.uuid);
});

test('a half-written node of a killed conductor is put away, the whole one kept', () => {
  const at = folder();
  const saved = new NodeStore(at).save(enrolledNode(wanted, [], networks));
  writeFileSync(join(at, `${saved.uuid}.json.new`), '{"uuid": "');
  expect(new NodeStore(at).all()).toEqual([saved]);
  expect(readdirSync(at)).toEqual([`${saved.uuid}.json`]);
});

test('an unknown node is told with those there are', () => {
  const store = new NodeStore(folder());
  store.save(enrolledNode(wanted, [], networks));
  expect(() => store.get('server-9')).toThrow('there is no node "server-9"');
});

test('power is unknown until it is read', () => {
  expect(enrolledNode(wanted, [], networks).power_state).toBeNull();
});

test.each([
  [{ ...wanted, mac: 'nonsense' }, /mac is "nonsense"/],
  [{ ...wanted, name: undefined }, /name is missing/],
  [{ ...wanted, driver_info: { ipmi_password: 'secret' } }, /unknown key "ipmi_password"/],
])('what is wrong with a node that is enrolled is told: %#', (body, message) => {
  expect(() => enrolledNode(body, [], networks)).toThrow(message);
});

test('two nodes cannot have one MAC', () => {
  const first = enrolledNode(wanted, [], networks);
  expect(() => enrolledNode({ ...wanted, name: 'other' }, [first], networks)).toThrow(
    /node server-1 has the MAC already/,
  );
});

test('no answer shows the deploy key or the agent token', () => {
  const node = {
    ...enrolledNode(wanted, [], networks),
    driver_internal_info: { deploy_key: 'DK', agent_token: 'AT' },
  };
  const shown = JSON.stringify(publicNode(node));
  expect(shown).not.toContain('DK');
  expect(shown).not.toContain('AT');
});

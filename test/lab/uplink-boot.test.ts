import { readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { run } from '../../src/linux/process.ts';
import { waitFor } from '../../src/wait.ts';
import { builtImages } from '../ironic/images/built.ts';
import { Machine } from '../machine.ts';
import { type RealServer, startRealServer } from './real-server.ts';

const mac = '52:54:00:00:03:01';
const bmcIp = '192.168.24.11';

/** wire0 is the NIC on the provider's wire, bmc0 that on the BMCs'. Beyond them is nothing of the lab's. */
const network = `
ip netns add outside
ip -n outside link set lo up
for nic in wire0 bmc0; do
  ip link add $nic type veth peer name $nic netns outside
  ip link set $nic up
  ip -n outside link set $nic up
done
ip -n outside address add ${bmcIp}/24 dev bmc0
ip -n outside link add segment type bridge
ip netns exec outside ip tuntap add server mode tap
for device in segment wire0 server; do
  [ $device = segment ] || ip -n outside link set $device master segment
  ip -n outside link set $device up
done
`;

let machine: Machine;
let server: RealServer | undefined;
/** By this process's own Node: the images are made with it, and would be made anew with another. */
const lab = (...args: string[]) => {
  const command = [process.execPath, '/run/project/dist/lab.js', ...args];
  return run(machine.words('root', command), { accept: [0, 1, 2, 3, 4], timeoutMs: 150_000 });
};

beforeAll(async () => {
  const { os } = await builtImages();
  machine = await Machine.start([[join(os.folder, '..'), '/run/images']]);
  await machine.sh('root', `${network}\nmkdir -p /tmp/root/.local/state/lab /tmp/root/files`);
  symlinkSync('/run/images', machine.path('/tmp/root/.local/state/lab/images'));
}, 300_000);
afterAll(async () => {
  await machine?.end();
  server?.bmc.close();
});

test('a server that is nothing of the lab is provisioned over a real wire and by its own BMC', async () => {
  server = startRealServer({ host: machine.host, namespace: 'outside' }, { mac, tap: 'server', bmcIp });
  const files = '/tmp/root/files';
  writeFileSync(machine.path(`${files}/localrc`), readFileSync('samples/devstack/localrc'));
  writeFileSync(machine.path(`${files}/hardware_info`), `${bmcIp} ${mac} admin ${server.bmc.password}\n`);
  const wires = ['--uplink', 'wire0', '--bmc-via', 'bmc0'];
  const up = await lab('devstack', '--localrc', `${files}/localrc`, ...wires);
  expect(up.exitCode, up.stderr).toBe(0);
  expect((await lab('status')).stdout).toContain('real server');

  // ipmi_sim tells its cipher suites to nobody, and has not the one that ipmitool then takes.
  const { node } = JSON.parse((await lab('node', 'show', 'node-0', '--json')).stdout);
  node.driver_info.ipmi_cipher_suite = 3;
  writeFileSync(machine.path(`${files}/node.json`), JSON.stringify(node));
  expect((await lab('node', 'enroll', `${files}/node.json`)).exitCode).toBe(0);
  const power = await lab('node', 'set-power-state', 'node-0', 'off');
  expect(power.exitCode, power.stderr).toBe(0);

  const boot = await lab('boot', 'node-0');
  expect(boot.exitCode, `${boot.stdout}${boot.stderr}\n${server.console().slice(-3_000)}`).toBe(0);
  expect((await lab('node', 'list')).stdout).toMatch(/^node-0 +agent_ipmitool +power on +active/m);
  const { console } = server;
  await waitFor('the login prompt', () => (/ login: /.test(console()) ? true : undefined), {
    timeoutMs: 60_000,
    lastSeen: () => console().slice(-1_000),
  });
  const down = await lab('down');
  expect(down.stderr).toContain('NIC wire0 is back on this machine');
  expect(down.stderr).toContain('NIC bmc0 is back on this machine');
}, 300_000);

import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { LinkState } from '../../src/links/relay-protocol.ts';
import { LabCommand } from '../lab-command.ts';
import { runScenario } from '../scenarios/document.ts';

/** One lab in which every kind of cable goes through the relay, and a scenario that tries them on it. */
const lab = new LabCommand();
const timeout = 120_000;

const topology = `${readFileSync('topologies/flat.yaml', 'utf8')}
link_faults:
  eth2: { rate_mbit: 100 }
  stand-in-1: {}
  server-1: {}
  mgmt: { down: true }
`;

const scenario = `import { fromMac, icmpEcho, scenario } from 'baremetal-lab';
export default scenario({
  title: 'Cables',
  teaches: 'What faults do.',
  outcomes: { faulty: 'done' },
  async run(run) {
    const { points } = run;
    const [server, wire, mgmt] = [run.standIn(0), run.link('wire'), run.link('mgmt')];
    const bmc = run.topology.servers.flatMap((it) => (it.kind === 'vm' ? [it.bmc.ip] : []))[0];
    // What asked in vain for the BMC's MAC is forgotten: it would be asked for again a second later.
    const pingBmc = async (seconds) =>
      (await run.in('devstack', ['sh', '-c', 'ip neighbour flush all; busybox ping -c 1 -W ' + seconds + ' ' + bmc], { accept: [0, 1] })).exitCode === 0;
    await run.silenceIpv6();
    run.claim('a lease through two relays', (await server.dhcp())?.ip === server.ip);
    run.claim('no way to a BMC while mgmt is down', !(await pingBmc(1)));
    await mgmt.up();
    run.claim('a way when it is up', await pingBmc(10));

    const cable = run.link(server.name);
    await cable.set({ duplicate: 1, seed: 3 });
    const { evidence } = await run.capture(() => server.ping(run.dhcpServer.ip), { also: [server.point] });
    const at = (point) => evidence.frames.filter((it) => it.point === point && icmpEcho('request')(it)).length;
    run.claim('each frame of a server arrives twice', at(server.point) === 2 && at(points.wire) === 2);
    const { in: inwards, out } = await cable.state();
    run.claim('and is counted so', inwards.duplicated > 0 && inwards.delivered === 2 * inwards.received);
    run.claim('in both directions', out.delivered === 2 * out.received);

    await cable.set({});
    await wire.set({ loss: 0.5, seed: 26 });
    const { evidence: lossy } = await run.capture(
      async () => {
        await wire.set({ loss: 0.5 });
        await server.run(['busybox', 'ping', '-A', '-c', '12', '-w', '6', run.dhcpServer.ip], { accept: [0, 1] });
      },
      { also: [wire.far] },
    );
    const own = fromMac(server.mac);
    run.claim('the seed is kept', wire.faults.seed === 26);
    run.claim('what is lost inwards is what the seed says', wire.followsItsSeed(lossy, 'in', own));
    run.claim('and outwards', wire.followsItsSeed(lossy, 'out', (frame) => !own(frame)));
    const told = await wire.state();
    run.claim('of both some are lost, and some are not', [told.in, told.out].every(({ lost, delivered }) => lost > 0 && delivered > 0));
    await wire.set({});
    return 'done';
  },
});
`;

beforeAll(() => {
  writeFileSync(join(lab.home, 'faulty.yaml'), topology);
  writeFileSync(join(lab.home, 'cables.ts'), scenario);
});
afterAll(() => lab.end());

it('cables of every kind have the faults that are set, and the seed says which frames', {
  timeout,
}, async () => {
  const args = [join(lab.home, 'cables.ts'), '--topology', join(lab.home, 'faulty.yaml'), '--keep'];
  const [run] = (await runScenario(lab, args)).runs;
  expect(run?.claims.filter(({ holds }) => !holds).map(({ text, why }) => `${text}: ${why}`)).toEqual([]);
  expect(run?.verdict, run?.reason).toBe('pass');
  const links = new Map((run?.links ?? []).map((link): [string, LinkState] => [link.link, link]));
  expect([...links.keys()].sort()).toEqual(['eth2', 'mgmt', 'server-1', 'stand-in-1']);
  expect(links.get('eth2')?.faults.seed).toBe(26);
});

it("a VM's cable leads from its own bridge to the switch", { timeout }, async () => {
  const ports = async (bridge: string) =>
    (await lab.run(['exec', 'rack', '--', 'ls', `/sys/class/net/${bridge}/brif`])).stdout.split('\n');
  expect(await ports('br-server-1')).toContain('nic-server-1');
  expect(await ports('tor')).toEqual(expect.arrayContaining(['port-server-1', 'stand-in-1', 'eth2']));
});

it('a lab without faults has no relay', { timeout }, async () => {
  await lab.run(['down', '--all', '--quiet']);
  await lab.run(['up', 'flat', '--quiet']);
  const { stdout } = await lab.run(['exec', 'devstack', '--', 'ls', '/run']);
  expect(stdout).not.toContain('link-relay');
});

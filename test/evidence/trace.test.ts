import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { LabTrace } from '../../src/evidence/trace-lab.ts';
import { runIn } from '../../src/linux/host.ts';
import { dhcpFrame } from '../packets/build.ts';
import { LabUnderTest } from './lab-under-test.ts';

let folder: string;
let test: LabUnderTest;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'lab-trace-'));
  test = await LabUnderTest.up('vlan');
});
afterAll(async () => {
  await test.command.end();
  rmSync(folder, { recursive: true });
});

/** What `lab trace --json` prints. */
type TraceDocument = Omit<LabTrace, 'frame'> & { readonly frame: string };

async function trace(...args: string[]): Promise<TraceDocument & { readonly exitCode: number }> {
  const { stdout, stderr, exitCode } = await test.command.run(['trace', ...args, '--json']);
  expect(stdout, stderr).not.toBe('');
  return { ...(JSON.parse(stdout) as TraceDocument), exitCode };
}

/** The deeds of all rules, bridge by bridge. */
function deeds({ stages }: TraceDocument): string[] {
  return stages.flatMap(({ rules }) => rules.map(({ bridge, deed }) => `${bridge} ${deed}`));
}

function tagsAt({ stages }: TraceDocument): Record<string, number | null> {
  return Object.fromEntries(stages.flatMap(({ exits }) => exits.map(({ point, vlan }) => [point, vlan])));
}

describe('lab trace', () => {
  it('follows what a server sends to the rule that drops it', async () => {
    const traced = await trace('rack/stand-in-1', 'dhcp-discover');
    expect(deeds(traced)).toEqual([
      'br-eth2 floods it, as a switch does',
      'br-int drops it: from int-br-eth2 only segment 1001 may enter',
    ]);
    expect(tagsAt(traced)).toEqual({ 'devstack/br-eth2': null });
    expect(traced.frame).toMatch(/^ffffffffffff5254000002010800/);
    expect(traced.captures).toBeNull();
  });

  it('follows a frame of the segment over all bridges, with its tag at each port', async () => {
    const traced = await trace('rack/stand-in-1', 'dhcp-discover', 'vlan', '1001');
    expect(deeds(traced)).toEqual([
      'br-eth2 floods it, as a switch does',
      'br-int translates segment 1001 to local VLAN 2 and floods it, as a switch does',
      'brbm floods it, as a switch does',
    ]);
    expect(tagsAt(traced)).toMatchObject({
      'devstack/br-eth2': 1001,
      'devstack/br-int': 2,
      'devstack/ovs-tap1': null,
      [test.dnsmasq]: null,
    });
  });

  it('really sends a frame, and finds captures and counters in agreement', async () => {
    const dropped = await trace('rack/stand-in-1', 'dhcp-discover', '--send');
    expect(dropped.captures?.differences).toEqual([]);
    expect(dropped.captures?.seen.map(({ point }) => point)).toContain('devstack/eth2');
    expect(dropped.captures?.seen.map(({ point }) => point)).not.toContain(test.dnsmasq);
    expect(dropped.stages[0]?.rules.at(-1)?.counted).toBeGreaterThan(0);
    const arrived = await trace('dnsmasq', 'arp', 'who-has', '10.0.0.21', '--send');
    expect(arrived.captures?.differences).toEqual([]);
    expect(arrived.captures?.seen).toContainEqual({ point: 'rack/stand-in-1', vlan: 1001 });
    expect(await test.traces()).toBe('');
  });

  it.each(['devstack/eth2', 'devstack/int-br-eth2', 'devstack/ovs-tap1', 'devstack/br-int'])(
    'sends at %s as if the frame came in there',
    async (point) => {
      const sent = await trace(point, 'dhcp-discover', 'from', 'stand-in-2', 'vlan', '1001', '--send');
      expect(sent.captures?.differences).toEqual([]);
      expect(sent.exitCode).toBe(0);
    },
  );

  it('takes fields, hexadecimal, and a frame of a capture, which it compares with where that was captured', async () => {
    const fields = 'udp,dl_src=52:54:00:00:02:01,dl_dst=ff:ff:ff:ff:ff:ff,dl_vlan=1001,tp_dst=67';
    const frame = dhcpFrame({ type: 1, chaddr: '52:54:00:00:02:01' }, [{ id: 1001 }]);
    const file = join(folder, 'frames.pcapng');
    const capture = await test.capture(['devstack/eth2', 'br-int', 'dnsmasq', '-w', file]);
    await test.send('stand-in-1', [frame]);
    capture.signal('SIGINT');
    await capture.ended;
    const first = (await test.command.run(['analyze', file, '--json'])).stdout
      .split('\n')
      .flatMap((line) =>
        line ? [JSON.parse(line) as { number: number; interface: string; dhcp?: object }] : [],
      )
      .find((line) => line.interface === 'devstack/eth2' && line.dhcp);
    const traces = [
      await trace('devstack/eth2', fields),
      await trace('devstack/eth2', Buffer.from(frame).toString('hex')),
      await trace('devstack/eth2', `${file}:${first?.number}`),
    ];
    for (const traced of traces) expect(deeds(traced)[1]).toMatch(/^br-int translates segment 1001/);
    expect(traces[2]?.captures).toMatchObject({ source: 'recorded', agrees: true });
    expect(traces[2]?.captures?.seen).toHaveLength(3);
  });

  it('finds captures that contradict it, with exit code 1', async () => {
    const file = join(folder, 'before.pcapng');
    const capture = await test.capture([
      'devstack/eth2',
      'dnsmasq',
      '--filter',
      'udp port 67',
      '-c',
      '1',
      '-w',
      file,
    ]);
    await test.send('stand-in-1', [dhcpFrame({ type: 1, xid: 99 })]);
    expect(await capture.ended).toBe(0);
    const rule = 'priority=9,in_port=int-br-eth2,vlan_tci=0x0000/0x1fff';
    const ofctl = (...args: string[]) => runIn(test.lab.devstack, ['ovs-ofctl', ...args]);
    await ofctl('add-flow', 'br-int', `${rule},actions=mod_vlan_vid:2,NORMAL`);
    try {
      const traced = await trace('devstack/eth2', `${file}:1`);
      expect(traced.exitCode).toBe(1);
      expect(traced.captures?.differences).toEqual([
        `not seen at ${test.dnsmasq}, though it should be, untagged`,
      ]);
    } finally {
      await ofctl('--strict', 'del-flows', 'br-int', rule);
    }
  });

  it.each([
    [['devstack/eth2', 'dhcp-discover'], /so say who sends: from MAC/],
    [['devstack/eth2', 'dhcp-discovr'], /not understood at "dhcp-discovr"/],
    [['devstack/eth2', 'ping', '10.0.0', 'from', 'stand-in-1'], /at "ping 10.0.0": an address is expected/],
    [['devstack/eth2', 'dhcp-discover', 'from', 'nobody'], /it is no MAC, and nobody of that name/],
    [['devstack/eth2', 'dhcp-discover', 'from', 'stand-in-1', 'vlan', '5000'], /VLAN id from 0 to 4095/],
    [['devstack/eth2', 'udp,dl_source=1'], /make no frame: .*unknown field/],
    [['devstack/eth2', 'in_port=1,udp'], /leave in_port out/],
    [['rack/tor', 'dhcp-discover', 'from', 'stand-in-1'], /no frame comes into Open vSwitch at rack\/tor/],
    [['rack/server-1', 'dhcp-discover', '--send'], /it is while server-1 is on/],
    [['devstack/eth9', 'dhcp-discover'], /has no point "devstack\/eth9"/],
  ])('refuses %j in a sentence, with exit code 2', async (args, sentence) => {
    const { exitCode, stderr, stdout } = await test.command.run(['trace', ...args]);
    expect(stderr).toMatch(sentence);
    expect(exitCode).toBe(2);
    expect(stdout).toBe('');
  });
});

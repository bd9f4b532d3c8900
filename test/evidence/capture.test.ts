import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startCapture } from '../../src/evidence/capture.ts';
import { findPoint } from '../../src/evidence/point.ts';
import { tagOf } from '../../src/evidence/tags.ts';
import { runIn } from '../../src/linux/host.ts';
import { run } from '../../src/linux/process.ts';
import { settleCounters } from '../../src/ovs/openflow.ts';
import { readCaptureFile } from '../../src/packets/read.ts';
import { waitFor } from '../../src/wait.ts';
import { arp, bytes, dhcpFrame, ethernet, macs } from '../packets/build.ts';
import { LabUnderTest } from './lab-under-test.ts';

let folder: string;
let test: LabUnderTest;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'lab-capture-'));
  test = await LabUnderTest.up('vlan');
});
afterAll(async () => {
  await test.command.end();
  rmSync(folder, { recursive: true });
});

/** An ARP request that no other frame of the lab is like. */
function request(n: number, vlan?: number): Uint8Array {
  const vlans = vlan === undefined ? [] : [{ id: vlan }];
  const asked = `10.0.${n >> 8}.${n & 255}`;
  const question = arp({ senderIp: '10.9.9.9', targetIp: asked });
  return ethernet({ dst: macs.broadcast, type: 0x0806, vlans }, question);
}

/** The tags with which such requests were captured. */
async function tagsIn(file: string | undefined): Promise<(number | null)[]> {
  const { frames, error } = await readCaptureFile(file ?? '');
  expect(error).toBeUndefined();
  const sender = Buffer.from(macs.client.replaceAll(':', ''), 'hex');
  return frames
    .filter(({ bytes: frame }) => sender.equals(frame.subarray(6, 12)))
    .map((frame) => tagOf(frame.bytes));
}

describe('a capture', () => {
  it('has every frame of a burst that comes as soon as it has started, and ends as soon as it is told', async () => {
    const points = ['rack/stand-in-1', 'devstack/eth2'].map((name) => findPoint(test.lab, name));
    const capture = await startCapture(points, folder);
    await test.send(
      'stand-in-1',
      Array.from({ length: 3000 }, (_, n) => request(n)),
    );
    const files = await capture.stop();
    expect(await tagsIn(files['rack/stand-in-1'])).toHaveLength(3000);
    expect(await tagsIn(files['devstack/eth2'])).toHaveLength(3000);
    expect(await test.traces()).toBe('');
  });

  it('sees what crosses a patch port, either way, and what the rules then drop', async () => {
    const names = ['devstack/int-br-eth2', 'devstack/phy-br-eth2', 'devstack/br-int', test.dnsmasq];
    const capture = await startCapture(
      names.map((name) => findPoint(test.lab, name)),
      folder,
    );
    await test.send('stand-in-1', [request(1), request(2, 1001), request(3, 7)]);
    await test.send('stand-in-1', [request(4, 1001)]);
    await settleCounters(test.lab.devstack);
    const files = await capture.stop();
    // Frames of different flows that come at once leave Open vSwitch in any order.
    const tagsAt = async (name: string) =>
      (await tagsIn(files[name])).toSorted((a, b) => Number(a) - Number(b));
    const [int, phy, bridge, tap] = await Promise.all(names.map(tagsAt));
    expect(int).toEqual([null, 7, 1001, 1001]);
    expect(phy).toEqual(int);
    expect(bridge).toEqual([2, 2]);
    expect(tap).toEqual([null, null]);
    expect(await test.traces()).toBe('');
  });

  it('changes nothing of what the rules count', async () => {
    const dropped = async () => {
      await settleCounters(test.lab.devstack);
      const flows = await test.devstack('ovs-ofctl dump-flows br-int');
      return Number(/n_packets=(\d+).*priority=2,/.exec(flows)?.[1]);
    };
    const capture = await startCapture([findPoint(test.lab, 'devstack/int-br-eth2')], folder);
    const before = await dropped();
    await test.send('stand-in-1', [request(1), request(2, 1001), request(3)]);
    const after = await waitFor(
      'the counter',
      async () => ((await dropped()) > before ? dropped() : undefined),
      {
        timeoutMs: 5000,
      },
    );
    await capture.abandon();
    expect(after - before).toBe(2);
  });

  it('has what passed a device that is gone before it ends', async () => {
    await runIn(test.lab.rack, [
      'sh',
      '-ec',
      'ip link add gone type veth peer name other; ip link set gone up',
    ]);
    const capture = await startCapture([findPoint(test.lab, 'rack/gone')], folder);
    await runIn(test.lab.rack, ['sh', '-ec', 'ip address add 10.8.0.1/24 dev gone; ip link del gone']);
    const files = await capture.stop();
    expect((await readCaptureFile(files['rack/gone'] ?? '')).error).toBeUndefined();
  });

  it('says which point cannot be captured', async () => {
    const points = ['devstack/br-int', 'devstack/nothing'].map((name) => findPoint(test.lab, name));
    await expect(startCapture(points, folder)).rejects.toThrow(/devstack\/nothing.*No such device/s);
    expect(await test.traces()).toBe('');
  });
});

describe('lab capture', () => {
  it('merges points into one pcapng in the order of time, an interface a point, until Ctrl-C', async () => {
    const file = join(folder, 'merged.pcapng');
    const running = await test.capture(['dnsmasq', 'br-int', 'int-br-eth2', 'devstack/eth2', '-w', file]);
    const sent = Array.from({ length: 20 }, (_, n) => dhcpFrame({ type: 1, xid: n }, [{ id: 1001 }]));
    for (const frame of sent) await test.send('stand-in-1', [frame]);
    running.signal('SIGINT');
    expect(await running.ended).toBe(0);
    expect(running.stderr).toMatch(/^devstack\/int-br-eth2 +2\d frames$/m);
    const { frames, interfaces, error } = await readCaptureFile(file);
    expect(error).toBeUndefined();
    expect(interfaces.map(({ name, description }) => [name, description])).toEqual([
      [test.dnsmasq, 'dnsmasq'],
      ['devstack/br-int', undefined],
      ['devstack/int-br-eth2', undefined],
      ['devstack/eth2', 'the wire'],
    ]);
    const times = frames.map(({ time }) => time);
    expect(times).toEqual(times.toSorted((a, b) => Number(a - b)));
    const tags = frames
      .filter(({ bytes: frame }) => frame.length > 250)
      .map(({ interfaceId, bytes: frame }) => [interfaceId, tagOf(frame)]);
    for (const expected of [
      [0, null],
      [1, 2],
      [2, 1001],
      [3, 1001],
    ]) {
      expect(tags.filter((tag) => `${tag}` === `${expected}`)).toHaveLength(20);
    }
    expect(await test.traces()).toBe('');
  }, 60_000);

  it('prints a line a frame with point, tag and what it is; a filter is for tagged frames as well', async () => {
    const running = await test.capture(['wire', 'br-int', '--filter', 'udp port 67', '--count', '3']);
    await test.send('stand-in-1', [
      request(9),
      dhcpFrame({ type: 1, xid: 1 }),
      dhcpFrame({ type: 1, xid: 2 }, [{ id: 1001 }]),
    ]);
    expect(await running.ended).toBe(0);
    expect(
      running.stdout
        .trim()
        .split('\n')
        .map((line) => Buffer.from(line, 'latin1').toString().slice(17)),
    ).toEqual([
      'devstack/eth2 (the wire)  untagged   DHCP DISCOVER from 52:54:00:00:00:01 (xid 0x00000001)',
      'devstack/eth2 (the wire)  VLAN 1001  DHCP DISCOVER from 52:54:00:00:00:01 (xid 0x00000002)',
      'devstack/br-int           VLAN 2     DHCP DISCOVER from 52:54:00:00:00:01 (xid 0x00000002)',
    ]);
  });

  it('writes pcapng to a pipe, and ends when nobody reads it any more', async () => {
    const script = `"$@" -w - | head -c 4 | od -An -tx1`;
    const lab = [process.execPath, join(process.cwd(), 'dist', 'lab.js'), 'capture', 'rack/stand-in-1'];
    const { stdout } = await run(['sh', '-c', script, 'sh', ...lab], {
      env: { LAB_HOME: test.command.home, NO_COLOR: '1' },
    });
    expect(stdout.trim()).toBe('0a 0d 0d 0a');
    expect(await test.traces()).toBe('');
  });

  it('leaves nothing behind when it is killed', async () => {
    const running = await test.capture(['br-int', 'br-eth2', 'int-br-eth2', 'rack/stand-in-1']);
    expect((await test.traces()).split('\n').length).toBeGreaterThan(8);
    running.signal('SIGKILL');
    await running.ended;
    await waitFor('nothing to be left', async () => ((await test.traces()) === '' ? true : undefined), {
      timeoutMs: 5000,
    });
  });

  it('tells that frames were lost, with exit code 3', async () => {
    const running = await test.capture(['rack/stand-in-1']);
    running.signal('SIGSTOP');
    for (let round = 0; round < 3; round++) {
      await test.send(
        'stand-in-1',
        Array.from({ length: 6000 }, (_, n) => request(n)),
      );
    }
    running.signal('SIGCONT');
    running.signal('SIGINT');
    expect(await running.ended).toBe(3);
    expect(running.stderr).toMatch(/^rack\/stand-in-1 {2}\d+ frames, \d+ lost$/m);
    expect(running.stderr).toMatch(/the capture lost frames at rack\/stand-in-1/);
  }, 60_000);

  it.each([
    [['devstack/eth3'], /^lab: lab vlan has no point "devstack\/eth3"; did you mean "devstack\/eth2"\?$/m],
    [['eth2'], /^lab: "eth2" fits several points: rack\/eth2, devstack\/eth2$/m],
    [['rack/server-1'], /^lab: rack\/server-1 is not there now: it is while server-1 is on$/m],
    [['wire', '-f', 'udp prt 67'], /^lab: the filter "udp prt 67" is wrong: .*syntax error$/m],
    [['wire', '-w', '/nonexistent/x'], /^lab: \/nonexistent\/x cannot be written: /m],
    [['wire', '-c', '0'], /^lab: .*'0' is invalid/m],
  ])('refuses %j in a sentence, with exit code 2', async (args, sentence) => {
    const { exitCode, stderr } = await test.command.run(['capture', ...args]);
    expect(exitCode).toBe(2);
    expect(stderr).toMatch(sentence);
    expect(bytes(stderr).length).toBeLessThan(1000);
  });

  it('ends with its lab, and says so', async () => {
    const running = await test.capture(['br-int', 'rack/stand-in-1']);
    await test.command.run(['down', '--all', '--quiet']);
    expect(await running.ended).toBe(0);
    expect(running.stderr).toMatch(/^the lab has ended$/m);
  });
});

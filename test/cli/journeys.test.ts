import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { pcapFile } from '../../src/packets/write.ts';
import { LabCommand } from '../lab-command.ts';
import { captured, dhcpFrame } from '../packets/build.ts';

const lab = new LabCommand();
let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'lab-journeys-'));
});
afterAll(async () => {
  await lab.end();
  rmSync(folder, { recursive: true });
});

const start = 1_795_409_420_000_000_000n;

/** A DISCOVER and its OFFER at one place, with this tag, so many microseconds on the way from the client. */
function file(name: string, vlan: number | null, microseconds: number, ahead = 0n): string {
  const tags = vlan === null ? [] : [{ id: vlan }];
  const discover = dhcpFrame({ type: 1 }, tags);
  const offer = dhcpFrame({ op: 2, type: 2, yiaddr: '10.0.0.21' }, tags);
  const path = join(folder, `${name}.pcap`);
  const time = (after: number) => start + ahead + BigInt(after) * 1000n;
  const frames = [
    captured(discover, { number: 1, time: time(microseconds) }),
    captured(offer, { number: 2, time: time(9000 - microseconds) }),
  ];
  writeFileSync(path, pcapFile(1, frames));
  return path;
}

describe('lab analyze --journeys', () => {
  it('prints the way of each frame over the files, tag by tag, though a clock is wrong', async () => {
    const paths = [file('server', null, 0), file('wire', 1001, 40, 7_000_000_000n), file('tap', null, 130)];
    const { stdout, stderr, exitCode } = await lab.run(['analyze', '--journeys', ...paths], {
      env: { TZ: 'UTC' },
    });
    expect(exitCode).toBe(0);
    expect(stdout).toBe(`04:50:20.000000  DHCP DISCOVER from 52:54:00:00:00:01 (xid 0x12345678)
    server #1 untagged → wire #1 VLAN 1001 +0.040 ms → tap #1 untagged +0.130 ms
04:50:20.008870  DHCP OFFER of 10.0.0.21 to 52:54:00:00:00:01 (xid 0x12345678)
    tap #2 untagged → wire #2 VLAN 1001 +0.090 ms → server #2 untagged +0.130 ms
`);
    expect(stderr).toContain('wire.pcap    2 frames, its clock is 7000.000 ms ahead\n');
    expect(stderr).toMatch(/^2 journeys, 0 of them seen at one place alone$/m);
  });

  it('prints them as JSON, and only those that a filter takes', async () => {
    const paths = [file('server', null, 0), file('tap', null, 130)];
    const args = ['analyze', '--journeys', '--json', '--filter', 'udp src port 67', ...paths];
    const { stdout } = await lab.run(args);
    const journeys = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as object);
    expect(journeys).toEqual([
      {
        frame: 'DHCP OFFER of 10.0.0.21 to 52:54:00:00:00:01 (xid 0x12345678)',
        hops: [
          {
            point: 'tap',
            file: paths[1],
            number: 2,
            vlan: null,
            time: '2026-11-23T04:50:20.008870000Z',
            segment: 0,
          },
          {
            point: 'server',
            file: paths[0],
            number: 2,
            vlan: null,
            time: '2026-11-23T04:50:20.009000000Z',
            segment: 0,
          },
        ],
      },
    ]);
  });

  it.each([
    [['-'], /standard input cannot be joined/],
    [['/nonexistent.pcap'], /\/nonexistent.pcap cannot be read/],
  ])('refuses %j with exit code 2', async (paths, sentence) => {
    const { exitCode, stderr } = await lab.run(['analyze', '--journeys', ...paths]);
    expect(exitCode).toBe(2);
    expect(stderr).toMatch(sentence);
  });
});

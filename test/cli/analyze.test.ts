import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { run } from '../../src/linux/process.ts';
import { pcapFile } from '../../src/packets/write.ts';
import { LabCommand } from '../lab-command.ts';
import { arp, captured, dhcpFrame, ethernet } from '../packets/build.ts';

const lab = new LabCommand();
let folder: string;

const frames = [
  dhcpFrame({ type: 1 }, [{ id: 1001 }]),
  ethernet({ type: 0x0806 }, arp({})),
  dhcpFrame({ type: 1 }),
].map((content, i) => captured(content, { number: i + 1 }));
const content = pcapFile(1, frames);

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'lab-analyze-'));
});
afterAll(async () => {
  await lab.end();
  rmSync(folder, { recursive: true });
});

function saved(name: string, bytes: Uint8Array): string {
  const path = join(folder, name);
  writeFileSync(path, bytes);
  return path;
}

function numbers(stdout: string): number[] {
  return stdout
    .split('\n')
    .filter(Boolean)
    .map((line) => (JSON.parse(line) as { number: number }).number);
}

test('a summary for each VLAN', async () => {
  const { stdout, exitCode } = await lab.run(['analyze', saved('a.pcap', content)]);
  expect(exitCode).toBe(0);
  expect(stdout).toContain('VLAN 1001: 1 frame');
  expect(stdout).toContain('untagged: 2 frames');
  expect(stdout).toContain('52:54:00:00:00:01 looked for a server, and nobody answered');
});

test('frames as JSON, from several files and from standard input', async () => {
  const path = saved('a.pcap', content);
  const { stdout } = await lab.run(['analyze', '--json', path, '-'], { input: gzipSync(content) });
  expect(numbers(stdout)).toEqual([1, 2, 3, 1, 2, 3]);
  expect(JSON.parse(stdout.split('\n')[5] ?? '')).toMatchObject({
    file: '-',
    number: 3,
    dhcp: { type: 'DISCOVER' },
  });
});

test('only the frames that match a filter', async () => {
  const path = saved('a.pcap', content);
  const { stdout } = await lab.run(['analyze', '--json', '--filter', 'arp or vlan 1001', path]);
  expect(numbers(stdout)).toEqual([1, 2]);
  const wrong = await lab.run(['analyze', '--filter', 'frog', path]);
  expect(wrong).toMatchObject({ exitCode: 2, stdout: '' });
  expect(wrong.stderr).toContain('the filter "frog" is wrong');
});

test('what comes before damage is told, then the damage with its place, then the other files', async () => {
  const cut = saved('cut.pcap', content.subarray(0, content.length - 5));
  const whole = saved('a.pcap', content);
  const { stdout, stderr, exitCode } = await lab.run(['analyze', '--json', cut, whole]);
  expect(numbers(stdout)).toEqual([1, 2, 1, 2, 3]);
  expect(stderr).toMatch(/the capture is cut short after frame 2: \d+ bytes left \(at byte \d+\)/);
  expect(exitCode).toBe(2);
});

test('a file that is not there', async () => {
  const { stderr, exitCode } = await lab.run(['analyze', join(folder, 'nowhere')]);
  expect(stderr).toContain('cannot be read');
  expect(exitCode).toBe(2);
});

test('a reader that has seen enough', async () => {
  const many = Array.from({ length: 20_000 }, (_, i) => captured(dhcpFrame({ xid: i }), { number: i + 1 }));
  const path = saved('many.pcap', pcapFile(1, many));
  const command = [process.execPath, join(process.cwd(), 'dist', 'lab.js'), 'analyze', '--json', path];
  const { stdout, stderr } = await run(['sh', '-c', '"$@" | head -n 1', 'sh', ...command]);
  expect(numbers(stdout)).toEqual([1]);
  expect(stderr).toBe('');
});

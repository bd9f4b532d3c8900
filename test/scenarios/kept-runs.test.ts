import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { expect, it, onTestFinished, vi } from 'vitest';
import { newRunFolder } from '../../src/scenarios/kept-runs.ts';

it('the captures of the last ten runs are kept', () => {
  const home = mkdtempSync(join(tmpdir(), 'lab-runs-'));
  vi.stubEnv('LAB_HOME', home);
  vi.useFakeTimers({ now: Date.UTC(2026, 0, 1) });
  onTestFinished(() => {
    vi.useRealTimers();
    vi.unstubAllEnvs();
    rmSync(home, { recursive: true });
  });
  // A suite that began long ago and still runs keeps its own, too.
  const suite = `2020-01-01T00-00-00-000Z-${process.ppid}-suite`;
  mkdirSync(join(home, 'runs', suite), { recursive: true });
  const made = Array.from({ length: 13 }, (_, index) => {
    vi.advanceTimersByTime(1000 * 60 * 60 * index);
    const folder = newRunFolder(`scenario-${index}`);
    writeFileSync(join(folder, 'devstack_eth2.pcap'), '');
    return basename(folder);
  });
  expect(readdirSync(join(home, 'runs')).sort()).toEqual([suite, ...made.slice(-10)].sort());
});

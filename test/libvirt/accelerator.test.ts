import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { chooseAccelerator, fastest, measureAccelerators } from '../../src/libvirt/accelerator.ts';
import { bootSector, kvmIsClosed } from '../../src/libvirt/accelerator-probe.ts';
import { ProgressLog } from '../../src/report/progress.ts';

const home = process.env.LAB_HOME;
let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'lab-accelerator-test-'));
  process.env.LAB_HOME = folder;
});

afterEach(() => {
  rmSync(folder, { recursive: true });
  if (home === undefined) delete process.env.LAB_HOME;
  else process.env.LAB_HOME = home;
});

test('the boot sector is one: 512 bytes with the signature that a BIOS looks for', () => {
  const sector = bootSector();
  expect(sector).toHaveLength(512);
  expect([...sector.subarray(510)]).toEqual([0x55, 0xaa]);
});

test('the faster of those that work is chosen, and TCG when none does', () => {
  const tcg = { accelerator: 'tcg', works: true, durationMs: 300 } as const;
  const kvm = { accelerator: 'kvm', works: true, durationMs: 60 } as const;
  const noKvm = { accelerator: 'kvm', works: false, reason: 'crawls' } as const;
  expect(fastest([tcg, kvm])).toBe('kvm');
  expect(fastest([tcg, { ...kvm, durationMs: 500 }])).toBe('tcg');
  expect(fastest([tcg, noKvm])).toBe('tcg');
  expect(fastest([noKvm])).toBe('tcg');
});

test('QEMU boots under TCG, and a second choice costs no boot', async () => {
  const trials = await measureAccelerators();
  expect(trials).toContainEqual({ accelerator: 'tcg', works: true, durationMs: expect.any(Number) });
  const progress = new ProgressLog();
  expect(await chooseAccelerator(progress)).toBe(fastest(trials));
  expect(progress.steps).toEqual([]);
});

test.skipIf(kvmIsClosed())(
  'after another boot of the machine, or with another QEMU, it is measured anew',
  async () => {
    await measureAccelerators();
    const file = join(folder, 'cache', 'accelerator.json');
    const cached = JSON.parse(readFileSync(file, 'utf8')) as { key: string };
    writeFileSync(file, JSON.stringify({ ...cached, key: `another ${cached.key}` }));
    const progress = new ProgressLog();
    await chooseAccelerator(progress);
    expect(progress.steps).toHaveLength(1);
  },
);

import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { cacheFolder } from '../lab/home.ts';
import { writeKeptFile } from '../lab/scratch.ts';
import { bootId } from '../linux/process-identity.ts';
import { checkUserMayMakeHosts } from '../linux/user.ts';
import type { Progress } from '../report/progress.ts';
import { type AcceleratorTrial, kvmIsClosed, tryAccelerators } from './accelerator-probe.ts';
import type { Accelerator } from './domain-xml.ts';

interface CachedTrials {
  /** What the answer depends on: another boot or another QEMU asks again. */
  readonly key: string;
  readonly trials: readonly AcceleratorTrial[];
}

/**
 * The accelerator for this machine's VMs: the faster of those that work, found by booting. That /dev/kvm exists says
 * little: in a VM without real nested virtualisation it may crawl, or end QEMU.
 */
export async function chooseAccelerator(progress: Progress): Promise<Accelerator> {
  // They are tried as in a host.
  checkUserMayMakeHosts();
  if (kvmIsClosed()) return 'tcg';
  const trials =
    readTrials() ??
    (await progress.step('accelerator: KVM or TCG, found by booting under both', measureAccelerators));
  return fastest(trials);
}

/** Tries every accelerator anew and keeps the result for `chooseAccelerator`. */
export async function measureAccelerators(): Promise<readonly AcceleratorTrial[]> {
  const trials = await tryAccelerators();
  writeKeptFile(cacheFile(), JSON.stringify({ key: key(), trials } satisfies CachedTrials));
  return trials;
}

/** The faster of those that work; TCG, which needs nothing of the machine, when none does. */
export function fastest(trials: readonly AcceleratorTrial[]): Accelerator {
  const working = trials.flatMap((trial) => (trial.works ? [trial] : []));
  return working.sort((a, b) => a.durationMs - b.durationMs)[0]?.accelerator ?? 'tcg';
}

function cacheFile(): string {
  return join(cacheFolder(), 'accelerator.json');
}

function readTrials(): readonly AcceleratorTrial[] | undefined {
  try {
    const cached = JSON.parse(readFileSync(cacheFile(), 'utf8')) as CachedTrials;
    return cached.key === key() ? cached.trials : undefined;
  } catch {
    // Never measured, or written by a version that knew another form: it is measured again.
    return undefined;
  }
}

function key(): string {
  const qemu = statSync('/usr/bin/qemu-system-x86_64', { throwIfNoEntry: false });
  return [bootId(), process.geteuid?.(), qemu?.mtimeMs, qemu?.size].join(' ');
}

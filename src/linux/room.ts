import { readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';

/** What a process may still take of this machine, or of the container that it is in. */
export interface Room {
  /** MiB of memory that nobody uses. */
  readonly memory: number;
  readonly cores: number;
}

/** Looks at /proc/meminfo and at the control groups that this process is in (cgroups(7), version 2). */
export function machineRoom(): Room {
  const groups = controlGroups();
  const memory = Math.min(availableMemory() / 2 ** 20, ...groups.map(memoryLeft));
  const cores = Math.min(availableParallelism(), ...groups.map(coresAllowed));
  return { memory, cores };
}

/** What the kernel believes can be used without swapping, in bytes (proc(5), MemAvailable). */
export function availableMemory(): number {
  const [, kib] = /^MemAvailable:\s+(\d+) kB$/m.exec(readFileSync('/proc/meminfo', 'utf8')) ?? [];
  return Number(kib ?? 0) * 1024;
}

/** The folders of this process's control group and those above it. */
function controlGroups(): string[] {
  const root = '/sys/fs/cgroup';
  const path = /^0::(\/.*)$/m.exec(read('/proc/self/cgroup'))?.[1] ?? '/';
  const names = path.split('/').filter((name) => name !== '');
  return [root, ...names.map((_, index) => join(root, ...names.slice(0, index + 1)))];
}

function memoryLeft(group: string): number {
  const limit = Number.parseInt(read(join(group, 'memory.max')), 10);
  const used = Number.parseInt(read(join(group, 'memory.current')), 10);
  // No limit reads `max`.
  if (Number.isNaN(limit) || Number.isNaN(used)) return Number.POSITIVE_INFINITY;
  // What files take in the page cache is given back when somebody needs it.
  const cache = Number(/^inactive_file (\d+)$/m.exec(read(join(group, 'memory.stat')))?.[1] ?? 0);
  return Math.max(0, limit - used + cache) / 2 ** 20;
}

function coresAllowed(group: string): number {
  const [quota, period] = read(join(group, 'cpu.max')).split(' ').map(Number);
  return quota && period ? quota / period : Number.POSITIVE_INFINITY;
}

/** Empty where there is no such file. */
function read(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}

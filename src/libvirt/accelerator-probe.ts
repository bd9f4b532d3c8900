import { accessSync, constants, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { messageOf } from '../errors.ts';
import { scratchFolder } from '../lab/scratch.ts';
import { run } from '../linux/process.ts';
import { isRoot, newUserNamespace } from '../linux/user.ts';
import type { Accelerator } from './domain-xml.ts';

/** What booting under an accelerator showed. */
export type AcceleratorTrial =
  | { readonly accelerator: Accelerator; readonly works: true; readonly durationMs: number }
  | { readonly accelerator: Accelerator; readonly works: false; readonly reason: string };

/** QEMU's exit code when a guest writes `value` to the port of isa-debug-exit: (value << 1) | 1. */
const successValue = 0x2a;
const successExitCode = (successValue << 1) | 1;

const iterations = 50_000_000;

/**
 * A boot sector of 512 bytes (16-bit code at 0x7c00) that counts down and then ends QEMU: a tenth of a second for a
 * processor that works, and long enough to notice one that traps on every instruction.
 */
export function bootSector(): Buffer {
  const sector = Buffer.alloc(512);
  const count = Buffer.alloc(4);
  count.writeUInt32LE(iterations);
  Buffer.from([
    ...[0x66, 0xb9, ...count], //          mov ecx, iterations
    ...[0x66, 0x49], //             again: dec ecx
    ...[0x75, 0xfc], //                    jnz again
    ...[0xba, 0xf4, 0x00], //              mov dx, 0xf4
    ...[0xb0, successValue], //            mov al, successValue
    0xee, //                               out dx, al
    ...[0xf4, 0xeb, 0xfd], //        halt: hlt; jmp halt
  ]).copy(sector);
  sector.writeUInt16LE(0xaa55, 510);
  return sector;
}

/** The CPU that domains get under an accelerator, in QEMU's words. See `domainXml`. */
const cpus: Record<Accelerator, string> = { kvm: 'host', tcg: 'max' };

const tcgDeadlineMs = 20_000;

/** Boots under TCG and, where the machine has /dev/kvm, under KVM, and answers what each did. */
export async function tryAccelerators(): Promise<readonly AcceleratorTrial[]> {
  const disk = join(scratchFolder(), 'boot.img');
  writeFileSync(disk, bootSector());
  const tcg = await boot('tcg', disk, tcgDeadlineMs);
  const closed = kvmIsClosed();
  if (closed) return [tcg, { accelerator: 'kvm', works: false, reason: closed }];
  // Slower than TCG is of no use, so that there is no need to see its end.
  const deadlineMs = tcg.works ? Math.max(1000, 2 * tcg.durationMs) : tcgDeadlineMs;
  return [tcg, await boot('kvm', disk, deadlineMs)];
}

/** Why KVM is out of the question without a try; undefined when it is not. */
export function kvmIsClosed(): string | undefined {
  try {
    accessSync('/dev/kvm', constants.R_OK | constants.W_OK);
    return undefined;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    return code === 'ENOENT' ? 'there is no /dev/kvm' : '/dev/kvm is not open to this user';
  }
}

async function boot(accelerator: Accelerator, disk: string, deadlineMs: number): Promise<AcceleratorTrial> {
  // In a host, libvirt gives QEMU the groups of the host's root: those of an ordinary user do not count there.
  const asInHost = isRoot() ? [] : [...newUserNamespace, '--', 'setpriv', '--clear-groups'];
  const argv = [
    ...asInHost,
    // One that never ends must not outlive this process, however that ends.
    ...['setpriv', '--pdeathsig', 'KILL', '--'],
    'qemu-system-x86_64',
    '-nodefaults',
    ...['-display', 'none'],
    ...['-machine', `pc,accel=${accelerator}`],
    ...['-cpu', cpus[accelerator]],
    ...['-m', '32'],
    ...['-device', 'isa-debug-exit,iobase=0xf4,iosize=4'],
    ...['-drive', `file=${disk},format=raw,if=ide`],
  ];
  const start = performance.now();
  try {
    await run(argv, { timeoutMs: deadlineMs, accept: [successExitCode] });
    return { accelerator, works: true, durationMs: Math.round(performance.now() - start) };
  } catch (error) {
    return { accelerator, works: false, reason: withoutCommand(messageOf(error)) };
  }
}

/** QEMU's long command line says less than what became of it, and what it says first is the reason. */
function withoutCommand(message: string): string {
  const [first = ''] = message.replace(/^`[^`]*` /, '').split('\n');
  return first;
}

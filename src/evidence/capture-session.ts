import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Readable } from 'node:stream';
import { LabError } from '../errors.ts';
import { enterUnforked, type Host } from '../linux/host.ts';
import { shellQuote } from '../linux/shell-quote.ts';
import { addMirrorPorts, type MirroredPlace, mirrorPort, mirrorRemoval, mirrorStart } from '../ovs/mirror.ts';

/** One tcpdump. */
export interface Tap {
  /** What it is told by in errors. */
  readonly name: string;
  /** A network device, or a place in Open vSwitch. */
  readonly of: { readonly device: string; readonly namespace?: string } | MirroredPlace;
  /** Where its pcap stream goes: an open file, or a pipe. */
  readonly output: number | 'pipe';
}

const startTimeoutMs = 10_000;

/**
 * tcpdump(1) at several places of one host, in the care of one shell that ends them and removes their mirrors when its input
 * ends: however this process ends, nothing of a capture is left behind.
 */
export class CaptureSession {
  /** The tcpdumps, in the order of the taps. */
  readonly running: readonly RunningTap[];
  private readonly shell: ChildProcess;
  private readonly ended: Promise<unknown>;
  private said = '';

  /**
   * @param filter pcap-filter(7); checked before
   * @throws LabError `lab-failed` with tcpdump's own words for the first tap that does not capture
   */
  static async start(host: Host, taps: readonly Tap[], filter?: string): Promise<CaptureSession> {
    const session = new CaptureSession(host, taps, filter);
    try {
      await session.listening(host);
      return session;
    } catch (error) {
      await session.end();
      throw error;
    }
  }

  private readonly mirrors: ReturnType<typeof mirrorPort>[];

  private constructor(host: Host, taps: readonly Tap[], filter: string | undefined) {
    const mirrors = taps.map(({ of }) => ('kind' in of ? mirrorPort(of) : undefined));
    this.mirrors = mirrors.filter((mirror) => mirror !== undefined);
    const starts = taps.map((tap, index) => ({
      mirrored: mirrors[index] !== undefined,
      line: startLine(tap, mirrors[index]?.device, index, taps.length, filter),
    }));
    const lines = [
      'pids=',
      'finish() {',
      // What is told to end between its fork and its exec still has this shell's handlers, and may never hear it.
      'for pid in $pids; do',
      'while { read -r name < "/proc/$pid/comm"; } 2> /dev/null && [ "$name" = bash ]; do :; done',
      'done',
      // Not INT, which a shell lets what it starts in the background ignore until that asks for it.
      'kill -TERM $pids 2> /dev/null; wait $pids',
      ...mirrorRemoval(this.mirrors),
      '}',
      'trap finish EXIT',
      ...starts.filter(({ mirrored }) => !mirrored).map(({ line }) => line),
      // The mirrors are made meanwhile.
      'read -r _ || exit',
      ...mirrorStart(this.mirrors),
      ...starts.filter(({ mirrored }) => mirrored).map(({ line }) => line),
      'while read -r _; do kill -USR1 $pids 2> /dev/null; done',
    ];
    const [program = 'bash', ...args] = [...enterUnforked(host), 'bash', '-c', lines.join('\n')];
    this.shell = spawn(program, args, {
      stdio: ['pipe', 'ignore', 'pipe', ...taps.flatMap(({ output }) => [output, 'pipe'] as const)],
      // Not of this process's group: on Ctrl-C it is ended in order, not by the terminal.
      detached: true,
    });
    this.ended = Promise.race([once(this.shell, 'close'), once(this.shell, 'error').catch(() => undefined)]);
    this.shell.stdin?.on('error', () => undefined);
    this.shell.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.said += text;
    });
    this.running = taps.map((tap, index) => new RunningTap(tap.name, this.shell, outputOf(index)));
  }

  private async listening(host: Host): Promise<void> {
    await addMirrorPorts(host, this.mirrors);
    this.shell.stdin?.write('\n');
    await Promise.all(
      this.running.map((tap) =>
        tap.saying(/listening on/, 'to listen').catch((cause: unknown) => {
          throw this.said === '' ? cause : new LabError('lab-failed', `${tap.name}: ${this.said}`, { cause });
        }),
      ),
    );
  }

  /**
   * Waits until each tcpdump has written all that the kernel has given to it: on SIGUSR1 it tells both numbers
   * (tcpdump(1)). Ended before, it would lose what lies in its buffer.
   */
  async drain(): Promise<void> {
    for (;;) {
      const told = this.running.map((tap) => tap.told());
      this.shell.stdin?.write('\n');
      if ((await Promise.all(told)).every(({ captured, received, lost }) => captured + lost >= received))
        return;
    }
  }

  /** Ends all and removes what was made for it. */
  async end(): Promise<void> {
    this.shell.stdin?.end();
    await this.ended;
  }
}

/** What tcpdump has counted. */
export interface CaptureCounts {
  readonly captured: number;
  readonly received: number;
  readonly lost: number;
}

const countsPattern =
  /(\d+) packets? captured, (\d+) packets? received by filter, (\d+) packets? dropped by kernel/;
const lastCountsPattern =
  /(\d+) packets? captured\n(\d+) packets? received by filter\n(\d+) packets? dropped by kernel/;

/** A tcpdump that runs, by what it says. */
export class RunningTap {
  readonly name: string;
  /** Its pcap stream, where that is a pipe. */
  readonly output: Readable | undefined;
  private said = '';
  private hasEnded = false;
  private wake: () => void = () => undefined;

  constructor(name: string, shell: ChildProcess, output: number) {
    this.name = name;
    const [pcap, words] = [shell.stdio[output], shell.stdio[output + 1]];
    this.output = isReadable(pcap) ? pcap : undefined;
    if (!isReadable(words)) return;
    words.setEncoding('utf8');
    words.on('data', (text: string) => {
      this.said += text;
      this.wake();
    });
    words.on('end', () => {
      this.hasEnded = true;
      this.wake();
    });
  }

  /** The counts when it has told them next; those of its end where it has ended, for example with its device. */
  async told(): Promise<CaptureCounts> {
    const found = await this.saying(countsPattern, 'to tell its counts', this.said.length).catch(
      (cause: unknown) => {
        if (this.hasEnded) return undefined;
        throw cause;
      },
    );
    return found ? countsOf(found) : this.lastCounts();
  }

  /** What it counted in all; known when it has ended. */
  lastCounts(): CaptureCounts {
    const found = lastCountsPattern.exec(this.said);
    return found ? countsOf(found) : { captured: 0, received: 0, lost: 0 };
  }

  /** Waits until it has said a thing, from a position in its words on. */
  async saying(pattern: RegExp, what: string, from = 0): Promise<RegExpExecArray> {
    const deadline = setTimeout(() => this.wake(), startTimeoutMs);
    const start = performance.now();
    try {
      for (;;) {
        const found = pattern.exec(this.said.slice(from));
        if (found) return found;
        if (this.hasEnded || performance.now() - start >= startTimeoutMs) break;
        await new Promise<void>((resolve) => {
          this.wake = resolve;
        });
      }
    } finally {
      clearTimeout(deadline);
    }
    throw new LabError(
      'lab-failed',
      `waited for tcpdump at ${this.name} ${what}; it said: ${this.said.trim() || 'nothing'}`,
    );
  }
}

function countsOf([, captured, received, lost]: RegExpExecArray): CaptureCounts {
  return { captured: Number(captured), received: Number(received), lost: Number(lost) };
}

function isReadable(stream: unknown): stream is Readable {
  return typeof stream === 'object' && stream !== null && 'read' in stream;
}

/** The descriptors behind standard input, output and error: for each tap its output and its words. */
function outputOf(index: number): number {
  return 3 + 2 * index;
}

/**
 * Each frame takes a slot of the buffer that has room for the longest, so that a short limit lets many frames wait. These
 * fit in a page; only what offloading makes is longer.
 */
const longestFrame = 3900;
const bufferKib = 16_384;

function startLine(
  tap: Tap,
  mirror: string | undefined,
  index: number,
  count: number,
  filter: string | undefined,
): string {
  const { of } = tap;
  const device = 'kind' in of ? (mirror ?? '') : of.device;
  const namespace = 'kind' in of ? undefined : of.namespace;
  const argv = [
    ...(namespace ? ['nsenter', `--net=/run/netns/${namespace}`, '--'] : []),
    ...['tcpdump', '-i', device, '-w', '-', '-U', '--immediate-mode', '-n', '-Z', 'root'],
    ...['-s', String(longestFrame), '-B', String(bufferKib), '--time-stamp-precision=nano'],
    ...(filter === undefined ? [] : ['--', filter]),
  ];
  const output = outputOf(index);
  const own = `>&${output} 2>&${output + 1}`;
  // A pipe ends with the last process that has it open.
  const others = Array.from({ length: outputOf(count) - outputOf(0) }, (_, fd) => `${fd + outputOf(0)}>&-`);
  const close = `exec ${output}>&- ${output + 1}>&-`;
  return `${argv.map(shellQuote).join(' ')} < /dev/null ${own} ${others.join(' ')} & pids="$pids $!"; ${close}`;
}

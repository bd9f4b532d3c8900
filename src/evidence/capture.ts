import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync } from 'node:fs';
import { join } from 'node:path';
import { LabError } from '../errors.ts';
import { makePrivateFolder } from '../linux/files.ts';
import { enter, runIn } from '../linux/host.ts';
import { type Mirror, mirrorBridge } from '../ovs/mirror.ts';
import type { CapturePoint } from './point.ts';

/** A capture that runs at several points. */
export interface RunningCapture {
  /** Ends it when every frame that has passed is in its file. Answers the file of each point, by its name. */
  stop(): Promise<Readonly<Record<string, string>>>;
  /** Ends it at once and forgets what it saw. */
  abandon(): Promise<void>;
}

const startTimeoutMs = 10_000;

/**
 * Starts capturing and answers when every point really captures.
 *
 * @param folder where the pcap files go, one a point, named after it
 * @throws LabError `lab-failed` with tcpdump's own words, for the first point that cannot be captured
 */
export async function startCapture(points: readonly CapturePoint[], folder: string): Promise<RunningCapture> {
  makePrivateFolder(folder);
  const started = await Promise.allSettled(points.map((point) => PointCapture.start(point, folder)));
  const captures = started.flatMap((it) => (it.status === 'fulfilled' ? [it.value] : []));
  const abandon = async () => {
    await Promise.all(captures.map((capture) => capture.end()));
  };
  const failed = started.find((it) => it.status === 'rejected');
  if (failed) {
    await abandon();
    throw failed.reason;
  }
  return {
    abandon,
    stop: async () => {
      await Promise.all(captures.map((capture) => capture.drain()));
      await abandon();
      for (const capture of captures) capture.checkLoss();
      return Object.fromEntries(captures.map(({ point, file }) => [point.name, file]));
    },
  };
}

/** tcpdump at one point. */
class PointCapture {
  readonly point: CapturePoint;
  readonly file: string;
  private readonly child: ChildProcess;
  private readonly mirror: Mirror | undefined;
  private readonly exited: Promise<unknown>;
  /** tcpdump's number inside its host, by which it is sent signals. */
  private insidePid = 0;
  private said = '';
  private wake: () => void = () => undefined;

  static async start(point: CapturePoint, folder: string): Promise<PointCapture> {
    const mirror = point.mirror && (await mirrorBridge(point.host, point.device, point.mirror.translating));
    const capture = new PointCapture(point, join(folder, `${fileName(point.name)}.pcap`), mirror);
    try {
      await capture.listening();
      return capture;
    } catch (error) {
      await capture.end();
      throw error;
    }
  }

  private constructor(point: CapturePoint, file: string, mirror: Mirror | undefined) {
    this.point = point;
    this.file = file;
    this.mirror = mirror;
    const device = mirror?.device ?? point.device;
    const argv = [
      ...enter(point.host, point.namespace),
      // Tells its number before it becomes tcpdump.
      ...['sh', '-c', 'echo "pid $$" >&2; exec "$@"', 'sh'],
      ...['tcpdump', '-i', device, '-w', '-', '-U', '--immediate-mode', '-n', '-Z', 'root'],
      ...['-s', '262144', '-B', '8192', '--time-stamp-precision=nano'],
    ];
    const [program = 'sh', ...args] = argv;
    const output = openSync(file, 'w', 0o600);
    // Not of this process's group: on Ctrl-C it is ended in order, not by the terminal.
    this.child = spawn(program, args, { stdio: ['ignore', output, 'pipe'], detached: true });
    closeSync(output);
    this.exited = Promise.race([once(this.child, 'exit'), once(this.child, 'error').catch(() => undefined)]);
    this.child.stderr?.setEncoding('utf8');
    this.child.stderr?.on('data', (text: string) => {
      this.said += text;
      this.wake();
    });
  }

  private async listening(): Promise<void> {
    await this.saying(/listening on/, 'to listen');
    this.insidePid = Number(/^pid (\d+)$/m.exec(this.said)?.[1]);
  }

  /** Waits until tcpdump has said a thing, from a position in its words on. */
  private async saying(pattern: RegExp, what: string, from = 0): Promise<RegExpExecArray> {
    let ended = false;
    void this.exited.then(() => {
      ended = true;
      this.wake();
    });
    const deadline = setTimeout(() => this.wake(), startTimeoutMs);
    const start = performance.now();
    try {
      for (;;) {
        const found = pattern.exec(this.said.slice(from));
        if (found) return found;
        if (ended || performance.now() - start >= startTimeoutMs) break;
        await new Promise<void>((resolve) => {
          this.wake = resolve;
        });
      }
    } finally {
      clearTimeout(deadline);
    }
    const words = this.said.replace(/^pid \d+\n/m, '').trim();
    throw new LabError(
      'lab-failed',
      `waited for tcpdump at ${this.point.name} ${what}; it said: ${words || 'nothing'}`,
    );
  }

  /**
   * Waits until tcpdump has written all that the kernel has given to it: on SIGUSR1 it tells both numbers
   * (tcpdump(1)). Ended before, it would lose what lies in its buffer.
   */
  async drain(): Promise<void> {
    for (;;) {
      const from = this.said.length;
      await runIn(this.point.host, ['kill', '-USR1', String(this.insidePid)]);
      const counts = await this.saying(
        /(\d+) packets? captured, (\d+) packets? received by filter, (\d+) packets? dropped by kernel/,
        'to tell its counts',
        from,
      );
      const [captured = 0, received = 0, dropped = 0] = counts.slice(1).map(Number);
      if (captured + dropped >= received) return;
    }
  }

  async end(): Promise<void> {
    if (this.insidePid > 0) {
      await runIn(this.point.host, ['kill', '-INT', String(this.insidePid)], { accept: [0, 1] });
    } else {
      this.child.kill('SIGKILL');
    }
    await this.exited;
    await this.mirror?.remove();
  }

  /** @throws LabError `lab-failed` when frames were lost: such a capture is no evidence */
  checkLoss(): void {
    const lost = /(\d+) packets? dropped by kernel\s*$/.exec(this.said);
    if (lost && Number(lost[1]) > 0) {
      throw new LabError('lab-failed', `the capture at ${this.point.name} lost ${lost[1]} frames`, {
        remedy: 'run again on a less busy machine, or capture at fewer points',
      });
    }
  }
}

function fileName(point: string): string {
  return point.replaceAll('/', '_');
}

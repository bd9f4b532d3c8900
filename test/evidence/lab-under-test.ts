import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { expect } from 'vitest';
import { chooseRunningLab } from '../../src/lab/choose.ts';
import type { Lab } from '../../src/lab/record.ts';
import { softwareFolder } from '../../src/lab/software.ts';
import { enterKeepingFiles, runIn } from '../../src/linux/host.ts';
import { run } from '../../src/linux/process.ts';
import { waitFor } from '../../src/wait.ts';
import { LabCommand } from '../lab-command.ts';

/** A running lab, for tests that use the code on it and for such that use the command. */
export class LabUnderTest {
  readonly command: LabCommand;
  readonly lab: Lab;

  static async up(topology: string): Promise<LabUnderTest> {
    const command = new LabCommand();
    const { exitCode, stderr } = await command.run(['up', topology, '--quiet']);
    expect(exitCode, stderr).toBe(0);
    process.env.LAB_HOME = command.home;
    return new LabUnderTest(command, chooseRunningLab(topology));
  }

  private constructor(command: LabCommand, lab: Lab) {
    this.command = command;
    this.lab = lab;
  }

  /** The point of dnsmasq's tap. */
  get dnsmasq(): string {
    return this.lab.topology.capture_points.find((point) => point.startsWith('devstack/tap')) ?? '';
  }

  /** Sends frames from a stand-in, one right behind the other. */
  async send(standIn: string, frames: readonly Uint8Array[]): Promise<void> {
    const program = join(softwareFolder(), 'dist', 'send-frame.js');
    const hex = frames.map((frame) => Buffer.from(frame).toString('hex'));
    await run([...enterKeepingFiles(this.lab.rack, standIn), process.execPath, program, 'eth0', ...hex]);
  }

  /** Runs a shell command in devstack and answers what it printed. */
  async devstack(command: string): Promise<string> {
    const { stdout } = await runIn(this.lab.devstack, ['sh', '-c', command], { accept: [0, 1] });
    return stdout.trim();
  }

  /** What a capture leaves in Open vSwitch and among the processes as long as it runs; empty when there is nothing. */
  async traces(): Promise<string> {
    const shown = await Promise.all([
      this.devstack('ovs-vsctl --bare --columns=name list mirror'),
      this.devstack('ovs-vsctl list-ports br-int | grep mirror-'),
      this.devstack('for b in br-int br-eth2; do ovs-ofctl dump-flows $b; done | grep REG15'),
      this.devstack('pgrep -a tcpdump'),
      runIn(this.lab.rack, ['pgrep', '-a', 'tcpdump'], { accept: [0, 1] }).then(({ stdout }) =>
        stdout.trim(),
      ),
    ]);
    return shown.filter((text) => text !== '').join('\n');
  }

  /** Starts `lab capture` and answers when it captures. */
  async capture(args: readonly string[]): Promise<RunningCommand> {
    const running = new RunningCommand(this.command.home, ['capture', ...args]);
    await running.says(/^capturing at /m);
    return running;
  }
}

/** A `lab` that goes on until it is told to end. */
export class RunningCommand {
  stdout = '';
  stderr = '';
  readonly ended: Promise<number | null>;
  private readonly child: ChildProcess;

  constructor(home: string, args: readonly string[]) {
    this.child = spawn(process.execPath, [join(process.cwd(), 'dist', 'lab.js'), ...args], {
      env: { ...process.env, LAB_HOME: home, NO_COLOR: '1' },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.child.stdout?.on('data', (data: Buffer) => {
      this.stdout += data.toString('latin1');
    });
    this.child.stderr?.on('data', (data: Buffer) => {
      this.stderr += data.toString();
    });
    this.ended = once(this.child, 'close').then(([code]) => code as number | null);
  }

  async says(pattern: RegExp): Promise<void> {
    await waitFor(`${pattern}`, () => (pattern.test(this.stderr) ? true : undefined), {
      timeoutMs: 20_000,
      lastSeen: () => this.stderr,
    });
  }

  signal(name: NodeJS.Signals): void {
    this.child.kill(name);
  }
}

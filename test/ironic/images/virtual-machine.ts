import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import { onTestFinished } from 'vitest';
import { waitFor } from '../../../src/wait.ts';

export interface MachineOptions {
  /** A kernel and ramdisk of the machine that tests, with a command line; without them the disk boots. */
  readonly direct?: { readonly kernel: string; readonly ramdisk: string; readonly arguments: string };
  readonly disk?: { readonly file: string; readonly format: 'raw' | 'qcow2' };
  /** Ports of loopback, by the port that the machine sees at 10.0.2.100. */
  readonly servers?: Readonly<Record<number, number>>;
  /** Ports of the machine, each to be reached by a port of loopback. */
  readonly ports?: readonly number[];
  /** What the machine fetches by TFTP from 10.0.2.2. */
  readonly tftpFolder?: string;
}

/** A machine of QEMU's, emulated, whose network ends in QEMU: no packet of it leaves but to the servers named. */
export class VirtualMachine {
  private readonly child: ChildProcess;
  private readonly forwarded: ReadonlyMap<number, number>;
  private output = '';
  private readonly start = performance.now();

  private constructor(child: ChildProcess, forwarded: ReadonlyMap<number, number>) {
    this.child = child;
    this.forwarded = forwarded;
    child.stdout?.on('data', (data: Buffer) => {
      this.output += data.toString('latin1');
    });
    child.stderr?.on('data', (data: Buffer) => {
      this.output += data.toString();
    });
  }

  /** Powers a machine on; it is gone when the test has finished. */
  static async powerOn(options: MachineOptions): Promise<VirtualMachine> {
    const forwarded = new Map<number, number>();
    for (const port of options.ports ?? []) forwarded.set(port, await freePort());
    const child = spawn('qemu-system-x86_64', argumentsFor(options, forwarded), { stdio: 'pipe' });
    const machine = new VirtualMachine(child, forwarded);
    onTestFinished(() => machine.kill());
    return machine;
  }

  /** The console so far, without the control characters of terminals. */
  get console(): string {
    // biome-ignore lint/suspicious/noControlCharactersInRegex: that is what they are
    return this.output.replace(/\x1b(\[[0-9;?]*[A-Za-z]|c)|\r/g, '');
  }

  /** Waits until the console shows a text, and answers the ms since power-on. */
  async shows(text: string | RegExp, timeoutMs = 60_000): Promise<number> {
    await waitFor(
      `${text} on the console`,
      () => (text instanceof RegExp ? text.test(this.console) : this.console.includes(text)) || undefined,
      { timeoutMs, lastSeen: () => this.console.slice(-1500) },
    );
    return performance.now() - this.start;
  }

  /** Types a line. */
  type(line: string): void {
    this.child.stdin?.write(`${line}\n`);
  }

  /** The port of loopback that leads to a port of the machine. */
  port(port: number): number {
    return this.forwarded.get(port) ?? 0;
  }

  /** Waits until the machine is off. */
  async off(timeoutMs = 30_000): Promise<void> {
    await waitFor('the machine to be off', () => this.child.exitCode ?? undefined, {
      timeoutMs,
      lastSeen: () => this.console.slice(-1500),
    });
  }

  async kill(): Promise<void> {
    if (this.child.exitCode !== null || this.child.signalCode !== null) return;
    this.child.kill('SIGKILL');
    await once(this.child, 'exit');
  }
}

function argumentsFor(options: MachineOptions, forwarded: ReadonlyMap<number, number>): string[] {
  const { direct, disk, tftpFolder } = options;
  const servers = Object.entries(options.servers ?? {}).map(
    ([seen, real]) => `,guestfwd=tcp:10.0.2.100:${seen}-cmd:busybox nc 127.0.0.1 ${real}`,
  );
  const forwards = [...forwarded].map(([port, real]) => `,hostfwd=tcp:127.0.0.1:${real}-:${port}`);
  const tftp = tftpFolder ? `,tftp=${tftpFolder}` : '';
  return [
    ...[
      '-M',
      'pc,graphics=off',
      '-accel',
      'tcg',
      '-cpu',
      'max',
      '-m',
      '512',
      '-display',
      'none',
      '-no-reboot',
    ],
    ...['-nodefaults', '-serial', 'stdio', '-monitor', 'none'],
    ...['-netdev', `user,id=net,restrict=on${tftp}${[...servers, ...forwards].join('')}`],
    ...['-device', 'virtio-net-pci,netdev=net,romfile='],
    ...(disk ? ['-drive', `file=${disk.file},format=${disk.format},if=virtio,cache=unsafe`] : []),
    ...(direct
      ? [
          '-kernel',
          direct.kernel,
          '-initrd',
          direct.ramdisk,
          '-append',
          `console=ttyS0 quiet ${direct.arguments}`,
        ]
      : []),
  ];
}

/** QEMU cannot say which port it got, so one is found that is free a moment before. */
export async function freePort(): Promise<number> {
  const server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

import { type ChildProcess, spawn } from 'node:child_process';
import { chmodSync, existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { LabError } from '../errors.ts';
import { enterKeepingFiles, type Host, runIn, seenFromOutside } from '../linux/host.ts';
import type { Finished, RunOptions } from '../linux/process.ts';

/** What a DHCP client was given. */
export interface Lease {
  /** The address. */
  readonly ip: string;
  readonly server: string;
  /** Everything the client was told, by udhcpc's names (`router`, `siaddr`, `boot_file`, …). */
  readonly given: Readonly<Record<string, string>>;
}

/** Configures the interface as any client's script would, and tells what it was given. */
const clientScript = `#!/bin/sh
case "$1" in
  bound | renew)
    ip address replace "$ip/\${mask:-24}" dev "$interface"
    [ -z "$router" ] || ip route replace default via "\${router%% *}" dev "$interface"
    env | sed 's/^/given /'
    ;;
esac
`;
const clientScriptPath = '/run/stand-in-dhcp';

export interface DhcpOptions {
  /** How often it asks, a second apart. Default 3. */
  readonly tries?: number;
}

/** A light server made of a network namespace: its NIC is eth0. */
export class StandIn {
  readonly name: string;
  readonly mac: string;
  /** The address that dnsmasq has for it. */
  readonly ip: string;
  private readonly host: Host;
  private readonly namespace: string;
  private readonly nic: string;

  constructor(
    host: Host,
    server: { name: string; mac: string; ip: string; namespace?: string },
    nic = 'eth0',
  ) {
    this.host = host;
    this.name = server.name;
    this.mac = server.mac;
    this.ip = server.ip;
    this.namespace = server.namespace ?? server.name;
    this.nic = nic;
  }

  /** Runs a program on it. */
  run(argv: readonly string[], options: RunOptions = {}): Promise<Finished> {
    return runIn(this.host, argv, { ...options, namespace: this.namespace });
  }

  /** Asks for an address by a real client, busybox's udhcpc; undefined when nobody answers. */
  async dhcp({ tries = 3 }: DhcpOptions = {}): Promise<Lease | undefined> {
    const script = seenFromOutside(this.host, clientScriptPath);
    if (!existsSync(script)) {
      writeFileSync(script, clientScript);
      chmodSync(script, 0o755);
    }
    const client = ['busybox', 'udhcpc', '-i', this.nic, '-f', '-n', '-q', '-t', String(tries), '-T', '1'];
    const { exitCode, stdout } = await this.run([...client, '-s', clientScriptPath], {
      accept: [0, 1],
      timeoutMs: 10_000 + tries * 2_000,
    });
    if (exitCode !== 0) return undefined;
    const lines = stdout.split('\n').filter((line) => line.startsWith('given '));
    const given = Object.fromEntries(lines.map((line) => line.slice('given '.length).split(/=(.*)/s, 2)));
    return { ip: String(given.ip), server: String(given.serverid), given };
  }

  /**
   * The same server with a VLAN interface on its NIC: all it sends is tagged.
   *
   * @returns the server by that interface, and how to take it away
   */
  async tagging(vlan: number): Promise<{ readonly server: StandIn; readonly end: () => Promise<void> }> {
    const device = `${this.nic}.${vlan}`;
    const end = await startVlanDevice(this.host, this.namespace, this.nic, vlan);
    await this.run(['ip', 'link', 'set', device, 'address', this.mac, 'addrgenmode', 'none', 'up']);
    const { name, mac, ip, namespace } = this;
    return { server: new StandIn(this.host, { name, mac, ip, namespace }, device), end };
  }
}

/** Starts the program that makes a VLAN interface in userspace; answers how to end it. */
async function startVlanDevice(
  host: Host,
  namespace: string,
  nic: string,
  vlan: number,
): Promise<() => Promise<void>> {
  const program = join(import.meta.dirname, 'vlan-device.js');
  const argv = [...enterKeepingFiles(host, namespace), process.execPath, program, nic, String(vlan)];
  const [command = 'sh', ...args] = argv;
  const child = spawn(command, args, { stdio: ['pipe', 'pipe', 'pipe'], detached: true });
  const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  await ready(child, `${nic}.${vlan}`);
  return async () => {
    child.stdin?.end();
    await exited;
  };
}

function ready(child: ChildProcess, device: string): Promise<void> {
  return new Promise((resolve, reject) => {
    let said = '';
    child.stderr?.on('data', (text: Buffer) => {
      said += text.toString();
    });
    child.stdout?.once('data', () => resolve());
    child.once('exit', () => {
      const why = said.split('\n').find((line) => line.includes('Error')) ?? said;
      reject(new LabError('lab-failed', `could not make the VLAN interface ${device}: ${why.trim()}`));
    });
  });
}

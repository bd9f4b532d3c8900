import { chmodSync, existsSync, writeFileSync } from 'node:fs';
import { type Host, runIn, seenFromOutside } from '../linux/host.ts';
import type { Finished, RunOptions } from '../linux/process.ts';
import { makeVlanInterface } from './vlan-interface.ts';

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

/** Where a stand-in is. */
export interface StandInPlace {
  readonly host: Host;
  readonly namespace: string;
  readonly nic: string;
  /** The capture point at the other end of its cable. */
  readonly point: string;
}

/** A light server made of a network namespace, with one NIC. */
export class StandIn {
  readonly name: string;
  readonly mac: string;
  /** The address that dnsmasq has for it. */
  readonly ip: string;
  /** The capture point at the other end of its cable: `rack/stand-in-1` on the switch. */
  readonly point: string;
  private readonly place: StandInPlace;

  constructor(
    known: { readonly name: string; readonly mac: string; readonly ip: string },
    place: StandInPlace,
  ) {
    this.name = known.name;
    this.mac = known.mac;
    this.ip = known.ip;
    this.point = place.point;
    this.place = place;
  }

  /** Runs a program on it. */
  run(argv: readonly string[], options: RunOptions = {}): Promise<Finished> {
    const { host, namespace } = this.place;
    return runIn(host, argv, { ...options, namespace });
  }

  /** Asks for an address by a real client, busybox's udhcpc; undefined when nobody answers. */
  async dhcp({ tries = 3 }: DhcpOptions = {}): Promise<Lease | undefined> {
    const { host, nic } = this.place;
    const script = seenFromOutside(host, clientScriptPath);
    if (!existsSync(script)) {
      writeFileSync(script, clientScript);
      chmodSync(script, 0o755);
    }
    const client = ['busybox', 'udhcpc', '-i', nic, '-f', '-n', '-q', '-t', String(tries), '-T', '1'];
    const { exitCode, stdout } = await this.run([...client, '-s', clientScriptPath], {
      accept: [0, 1],
      timeoutMs: 10_000 + tries * 2_000,
    });
    if (exitCode !== 0) return undefined;
    const lines = stdout.split('\n').filter((line) => line.startsWith('given '));
    const given = Object.fromEntries(lines.map((line) => line.slice('given '.length).split(/=(.*)/s, 2)));
    return { ip: String(given.ip), server: String(given.serverid), given };
  }

  /** Sends one echo request and answers whether the reply came within two seconds. */
  async ping(ip: string): Promise<boolean> {
    const { exitCode } = await this.run(pingCommand(ip), { accept: [0, 1] });
    return exitCode === 0;
  }

  /** The same server with a VLAN interface on its NIC, until the run ends: all it sends by it is tagged. */
  async tagging(vlan: number): Promise<StandIn> {
    const { host, namespace, nic: parent } = this.place;
    const nic = await makeVlanInterface(host, namespace, parent, vlan);
    await this.run(['ip', 'link', 'set', nic, 'address', this.mac, 'addrgenmode', 'none', 'up']);
    return new StandIn(this, { ...this.place, nic });
  }
}

/** Exit code 0 when the reply came, 1 when not. */
export function pingCommand(ip: string): string[] {
  return ['busybox', 'ping', '-c', '1', '-W', '2', ip];
}

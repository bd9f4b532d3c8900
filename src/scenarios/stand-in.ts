import { writeFileSync } from 'node:fs';
import { type Host, runIn, seenFromOutside } from '../linux/host.ts';
import type { Finished, RunOptions } from '../linux/process.ts';
import {
  askingMs,
  askingOnce,
  clientCommand,
  DhcpClient,
  type DhcpOptions,
  type Lease,
  leaseOf,
  placeClientScript,
} from './dhcp-client.ts';
import { makeVlanInterface } from './vlan-interface.ts';

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
  /** The interface by which it sends: `eth0`, or its VLAN interface. */
  readonly nic: string;
  readonly place: StandInPlace;

  constructor(
    known: { readonly name: string; readonly mac: string; readonly ip: string },
    place: StandInPlace,
  ) {
    this.name = known.name;
    this.mac = known.mac;
    this.ip = known.ip;
    this.point = place.point;
    this.nic = place.nic;
    this.place = place;
  }

  /** Runs a program on it. */
  run(argv: readonly string[], options: RunOptions = {}): Promise<Finished> {
    const { host, namespace } = this.place;
    return runIn(host, argv, { ...options, namespace });
  }

  /** Asks for an address by a real client, busybox's udhcpc; undefined when nobody answers. */
  async dhcp(options: DhcpOptions = {}): Promise<Lease | undefined> {
    const { host, nic } = this.place;
    placeClientScript(host);
    const { exitCode, stdout } = await this.run([...clientCommand(askingOnce(options)), '-i', nic], {
      accept: [0, 1],
      timeoutMs: askingMs(options),
    });
    return exitCode === 0 ? leaseOf(stdout) : undefined;
  }

  /** Asks for an address by a client that goes on running, as a server's does; undefined when nobody answers. */
  async startDhcpClient(): Promise<DhcpClient | undefined> {
    const { host, nic } = this.place;
    placeClientScript(host);
    const pidFile = `/run/dhcp-client-${this.name}.pid`;
    const record = `/run/dhcp-client-${this.name}.log`;
    const asking = ['-n', '-t', '3', '-T', '1', '-p', pidFile, '-i', nic];
    writeFileSync(seenFromOutside(host, record), '');
    await this.run(['env', `DHCP_RECORD=${record}`, ...clientCommand(asking)], { accept: [0, 1] });
    const client = new DhcpClient({ host, pidFile, record });
    return client.lease ? client : undefined;
  }

  /** Sets the MTU of its NIC, in bytes. */
  async setMtu(bytes: number): Promise<void> {
    for (const nic of new Set(['eth0', this.nic])) {
      await this.run(['ip', 'link', 'set', nic, 'mtu', String(bytes)]);
    }
  }

  /** Sends one echo request and answers whether the reply came within two seconds. */
  async ping(ip: string): Promise<boolean> {
    const { exitCode } = await this.run(pingCommand(ip), { accept: [0, 1] });
    return exitCode === 0;
  }

  /** The same server with another MAC on its NIC, from now on. */
  async renumbered(mac: string): Promise<StandIn> {
    await this.run(['ip', 'link', 'set', this.nic, 'address', mac]);
    return new StandIn({ name: this.name, mac, ip: this.ip }, this.place);
  }

  /** Gives it the address that dnsmasq has for it, without asking; of its neighbours it then knows nothing. */
  async takeAddress(prefixLength = 24): Promise<void> {
    await this.run(['ip', 'neighbour', 'flush', 'all']);
    await this.run(['ip', 'address', 'replace', `${this.ip}/${prefixLength}`, 'dev', this.place.nic]);
  }

  /** The same stand-in with the MAC of another machine, in whose name it asks from now on. */
  async inTheNameOf(other: {
    readonly name: string;
    readonly mac: string;
    readonly ip: string;
  }): Promise<StandIn> {
    await this.renumbered(other.mac);
    return new StandIn(other, this.place);
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

import { readFileSync } from 'node:fs';
import { writeDhcpFiles } from '../lab/build-devstack.ts';
import { endByPidFile } from '../linux/end-by-pid-file.ts';
import { type Host, runIn, seenFromOutside } from '../linux/host.ts';
import type { Finished, RunOptions } from '../linux/process.ts';
import { type DhcpAgentPlan, type DhcpOption, optionsFile, reloadDhcpAgent } from '../neutron/dhcp-agent.ts';
import { type DhcpLease, parseDhcpLeases } from '../neutron/dhcp-leases.ts';
import { portId } from '../topology/ids.ts';
import type { Network, Topology } from '../topology/schema.ts';
import { plugByVeth } from './dhcp-on-veth.ts';
import { pingCommand } from './stand-in.ts';

/** Spares iPXE a wait of 3 s for a proxyDHCP server: its encapsulated option 176, no-pxedhcp. */
export const noProxyDhcp: DhcpOption = { option: 'encap:175,176', value: '1b' };

interface Named {
  readonly name: string;
}

/** A mutation that holds when dnsmasq is told something new: what is changed in what it is told. */
export interface DhcpTampering {
  options?(text: string): string;
  argv?(words: readonly string[]): readonly string[];
}

/** A network's dnsmasq in its namespace. */
export class DhcpServer {
  readonly ip: string;
  /** Its tap. */
  readonly point: string;
  private readonly host: Host;
  private readonly topology: Topology;
  private readonly network: Network;
  private readonly agent: DhcpAgentPlan;
  private readonly options = new Map<string, readonly DhcpOption[]>();
  private readonly tamper: DhcpTampering;
  /** The text of its options file, once options were set. */
  optionsSet: string | undefined;

  constructor(
    host: Host,
    topology: Topology,
    network: Network,
    agent: DhcpAgentPlan,
    tamper: DhcpTampering = {},
  ) {
    this.host = host;
    this.topology = topology;
    this.network = network;
    this.agent = agent;
    this.tamper = tamper;
    this.ip = network.subnet.dhcp.ip;
    this.point = `devstack/${agent.tap.name}`;
  }

  /** Runs a program in its namespace. */
  run(argv: readonly string[], options: RunOptions = {}): Promise<Finished> {
    return runIn(this.host, argv, { ...options, namespace: this.agent.namespace });
  }

  /**
   * Sends one echo request from its namespace, with nothing known of its neighbours: it asks for the address first.
   * Answers whether the reply came within two seconds.
   */
  async ping(ip: string): Promise<boolean> {
    await this.run(['ip', 'neighbour', 'flush', 'all']);
    const { exitCode } = await this.run(pingCommand(ip), { accept: [0, 1] });
    return exitCode === 0;
  }

  /** The leases it has given out. */
  leases(): DhcpLease[] {
    return parseDhcpLeases(this.read(this.agent.leaseFile));
  }

  /**
   * Sets the DHCP options of clients' ports, as Ironic does through Neutron, and answers when dnsmasq has them.
   *
   * @param clients VMs or servers of the topology, or one
   */
  async setOptions(clients: Named | readonly Named[], options: readonly DhcpOption[]): Promise<void> {
    const { name } = this.network;
    for (const client of [clients].flat()) {
      this.options.set(portId(this.topology.name, name, client.name), options);
    }
    this.optionsSet = optionsFile(this.network, Object.fromEntries(this.options));
    writeDhcpFiles(this.host, this.agent, {
      opts: this.tamper.options?.(this.optionsSet) ?? this.optionsSet,
    });
    const argv = this.tamper.argv?.(this.agent.argv) ?? this.agent.argv;
    await runIn(this.host, reloadDhcpAgent({ ...this.agent, argv }));
  }

  /** Ends it; it is started again by `start`. */
  async stop(): Promise<void> {
    await endByPidFile(this.host, this.agent.pidFile);
  }

  /**
   * Starts it with what it was started with first, and answers when it serves.
   *
   * @param more further arguments of dnsmasq(8)
   */
  async start(more: readonly string[] = []): Promise<void> {
    await this.run([...this.agent.argv, ...more]);
  }

  /** Hangs it on a veth, as Neutron's `ovs_use_veth` does, instead of a port that Open vSwitch makes. */
  async useVeth(): Promise<void> {
    await this.stop();
    await plugByVeth(this.host, this.agent);
    await this.start();
  }

  /** Whether the UDP checksums of what it sends are left to its veth, which does not compute them. */
  async setChecksumOffload(on: boolean): Promise<void> {
    await this.run(['ethtool', '--offload', this.agent.tap.name, 'tx', on ? 'on' : 'off']);
  }

  private read(file: string): string {
    return readFileSync(seenFromOutside(this.host, file), 'utf8');
  }
}

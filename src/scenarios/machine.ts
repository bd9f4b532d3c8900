import { readFileSync } from 'node:fs';
import type { Domain } from '../libvirt/domain-xml.ts';
import { type Host, runIn, seenFromOutside } from '../linux/host.ts';
import type { DhcpAgentPlan } from '../neutron/dhcp-agent.ts';
import { waitFor } from '../wait.ts';

const virsh = ['virsh', '--connect', 'qemu:///system'];

/** A libvirt domain of a lab. */
export class Machine {
  readonly name: string;
  readonly mac: string;
  /** The address that dnsmasq has for it. */
  readonly ip: string;
  /** The capture point of its NIC; there only while it is not off. */
  readonly point: string;
  private readonly host: Host;
  private readonly leases: { readonly host: Host; readonly file: string };

  constructor(
    host: Host,
    domain: Domain,
    ip: string,
    dhcp: { readonly host: Host; readonly agent: DhcpAgentPlan },
  ) {
    this.host = host;
    this.name = domain.name;
    this.mac = domain.nic.mac;
    this.ip = ip;
    this.point = `${host.name}/${domain.nic.device}`;
    this.leases = { host: dhcp.host, file: dhcp.agent.leaseFile };
  }

  /** Powers it on, stopped before its first instruction, so that captures of its NIC miss nothing. */
  async powerOnPaused(): Promise<void> {
    await runIn(this.host, [...virsh, 'start', '--paused', this.name]);
  }

  async resume(): Promise<void> {
    await runIn(this.host, [...virsh, 'resume', this.name]);
  }

  async powerOff(): Promise<void> {
    await runIn(this.host, [...virsh, 'destroy', this.name], { accept: [0, 1] });
  }

  /** Waits until dnsmasq has given it a lease. */
  async leased(timeoutMs: number): Promise<void> {
    const { host, file } = this.leases;
    await waitFor(
      `dnsmasq's lease for ${this.name} (${this.mac})`,
      () => {
        const leases = readFileSync(seenFromOutside(host, file), 'utf8');
        return leases.includes(this.mac) ? true : undefined;
      },
      { timeoutMs },
    );
  }
}

import type { Domain } from '../libvirt/domain-xml.ts';
import { type Host, runIn } from '../linux/host.ts';
import type { DhcpLease } from '../neutron/dhcp-leases.ts';
import { waitFor } from '../wait.ts';
import type { DhcpServer } from './dhcp-server.ts';

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
  private readonly dhcpServer: DhcpServer;
  /** When the lease ends that it had before it was powered on. */
  private earlierLease: string | null | undefined;

  constructor(host: Host, domain: Domain, ip: string, dhcpServer: DhcpServer) {
    this.host = host;
    this.name = domain.name;
    this.mac = domain.nic.mac;
    this.ip = ip;
    this.point = `${host.name}/${domain.nic.device}`;
    this.dhcpServer = dhcpServer;
  }

  /** Powers it on afresh, stopped before its first instruction, so that captures of its NIC miss nothing. */
  async powerOnPaused(): Promise<void> {
    await this.powerOff();
    this.earlierLease = this.lease()?.expires;
    await runIn(this.host, [...virsh, 'start', '--paused', this.name]);
  }

  async resume(): Promise<void> {
    await runIn(this.host, [...virsh, 'resume', this.name]);
  }

  /** Stops it where it is, its power still on; powering it off ends that too. */
  async freeze(): Promise<void> {
    await runIn(this.host, [...virsh, 'suspend', this.name]);
  }

  async powerOff(): Promise<void> {
    // 1: it was off.
    await runIn(this.host, [...virsh, 'destroy', this.name], { accept: [0, 1] });
  }

  /** Waits until dnsmasq has given it a lease since it was powered on. */
  async leased(timeoutMs = 60_000): Promise<void> {
    await waitFor(
      `dnsmasq's lease for ${this.name} (${this.mac})`,
      () => {
        const lease = this.lease();
        return lease && lease.expires !== this.earlierLease ? true : undefined;
      },
      { timeoutMs, lastSeen: () => (this.lease() ? 'the lease it had before' : 'no lease for it') },
    );
  }

  private lease(): DhcpLease | undefined {
    return this.dhcpServer.leases().find(({ mac }) => mac === this.mac);
  }
}

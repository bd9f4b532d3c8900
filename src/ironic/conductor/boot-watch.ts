import type { Node } from '../node.ts';
import type { Conductor } from './conductor.ts';
import type { PhaseName } from './events.ts';
import type { ServedFile } from './files.ts';

/** A DHCP message that dnsmasq logged. */
export interface DhcpLogLine {
  readonly message: 'DHCPDISCOVER' | 'DHCPOFFER' | 'DHCPREQUEST' | 'DHCPACK' | 'DHCPNAK';
  readonly ip: string | undefined;
  readonly mac: string;
}

/**
 * A line of dnsmasq's log, such as `… dnsmasq-dhcp[7]: DHCPACK(tap95552076-85) 10.0.0.10 52:54:00:00:01:00 host-…`;
 * undefined for lines about something else.
 */
export function parseDhcpLog(line: string): DhcpLogLine | undefined {
  const found =
    /(DHCP(?:DISCOVER|OFFER|REQUEST|ACK|NAK))\(\S+\) (?:(\d+\.\d+\.\d+\.\d+) )?([0-9a-f:]{17})/.exec(line);
  if (!found) return undefined;
  const [, message, ip, mac = ''] = found;
  return { message: message as DhcpLogLine['message'], ip, mac };
}

/** Notes the phases of network boots from what dnsmasq and the file server tell. */
export class BootWatch {
  private readonly conductor: Conductor;

  constructor(conductor: Conductor) {
    this.conductor = conductor;
  }

  dhcpLogLine(line: string): void {
    const parsed = parseDhcpLog(line);
    if (!parsed) return;
    const node = this.conductor.store.findByMac([parsed.mac]);
    if (!node) return;
    if (parsed.message === 'DHCPDISCOVER') this.once(node, 'DISCOVER', 'at dnsmasq');
    if (parsed.message === 'DHCPACK') this.once(node, 'lease', parsed.ip);
  }

  tftpLogLine(line: string): void {
    const sent = /sent \S*\/([0-9a-f-]{36})\/(\S+) to (\S+)/.exec(line);
    if (sent) this.file(sent[1] ?? '', sent[2] ?? '', 'by TFTP');
  }

  served({ path, status, ms }: ServedFile): void {
    const found = /^\/([0-9a-f-]{36})\/(.+)$/.exec(path);
    if (found && status < 400) this.file(found[1] ?? '', found[2] ?? '', `by HTTP in ${ms.toFixed(0)} ms`);
  }

  private file(uuid: string, name: string, how: string): void {
    const phases: Readonly<Record<string, PhaseName>> = {
      'boot.ipxe': 'bootloader',
      config: 'bootloader',
      deploy_kernel: 'kernel',
      deploy_ramdisk: 'ramdisk',
    };
    const phase = phases[name];
    const node = this.conductor.store.find(uuid);
    if (phase && node) this.once(node, phase, how);
  }

  /** A phase is told once for each time that the power is put on. */
  private once(node: Node, phase: PhaseName, detail: string | undefined): void {
    const { provision_state, driver_internal_info } = node;
    if (provision_state !== 'wait call-back' && provision_state !== 'deploying') return;
    const phases = (driver_internal_info.phases ?? []).map(({ name }) => name);
    const sincePower = phases.slice(phases.lastIndexOf('power on') + 1);
    if (!sincePower.includes(phase)) this.conductor.phase(node, phase, detail);
  }
}

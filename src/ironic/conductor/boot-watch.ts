import type { Node } from '../node.ts';
import type { Conductor } from './conductor.ts';
import { type PhaseName, phasesSincePowerOn } from './events.ts';
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

/** A file of a node's that was sent whole by TFTP. PXELINUX asks for its configuration by the node's MAC. */
export type TftpLogLine =
  | { readonly uuid: string; readonly file: string }
  | { readonly mac: string; readonly file: 'config' };

/**
 * A line of the TFTP server's log, such as `… dnsmasq-tftp[9]: sent /run/tftpboot/<uuid>/deploy_kernel to 10.0.0.10`;
 * undefined for lines about something else.
 */
export function parseTftpLog(line: string): TftpLogLine | undefined {
  const byMac = /sent \S*\/pxelinux\.cfg\/01-([0-9a-f-]{17}) to /.exec(line)?.[1];
  if (byMac) return { mac: byMac.replaceAll('-', ':'), file: 'config' };
  const [, uuid, file] = /sent \S*\/([0-9a-f-]{36})\/(\S+) to /.exec(line) ?? [];
  return uuid === undefined || file === undefined ? undefined : { uuid, file };
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
    const sent = parseTftpLog(line);
    if (!sent) return;
    const node = 'mac' in sent ? this.conductor.store.findByMac([sent.mac]) : { uuid: sent.uuid };
    if (node) this.file(node.uuid, sent.file, 'by TFTP');
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
    const { provision_state } = node;
    if (provision_state !== 'wait call-back' && provision_state !== 'deploying') return;
    if (!phasesSincePowerOn(node).includes(phase)) this.conductor.phase(node, phase, detail);
  }
}

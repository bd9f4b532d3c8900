import { parseAccessLog } from '../file-server/access-log.ts';
import type { Node } from '../node.ts';
import type { Conductor } from './conductor.ts';
import { type PhaseName, phasesSincePowerOn, poweredOnAt } from './events.ts';

const dayMs = 86_400_000;

/** When something in a log was; undefined for just now, null when that cannot be told. */
type When = Date | null | undefined;

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

/**
 * When dnsmasq logged a line, `Nov 23 04:13:44 …`, in its time zone to the second; undefined for one without a time.
 *
 * @param now tells the year, which is not in it
 */
export function dnsmasqTime(line: string, now: Date): Date | undefined {
  const [date] = /^[A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d /.exec(line) ?? [];
  if (date === undefined) return undefined;
  const time = new Date(`${date}${now.getFullYear()}`);
  if (time.getTime() > now.getTime() + dayMs) time.setFullYear(now.getFullYear() - 1);
  return time;
}

/**
 * Notes the phases of network boots from what dnsmasq and the file server tell. Of what was told while there was no
 * conductor, that counts which came after the node's power was put on last.
 */
export class BootWatch {
  private readonly conductor: Conductor;

  constructor(conductor: Conductor) {
    this.conductor = conductor;
  }

  /** @param isPast it was written before this conductor ran; so with the others */
  dhcpLogLine(line: string, isPast: boolean): void {
    const parsed = parseDhcpLog(line);
    const node = parsed && this.conductor.store.findByMac([parsed.mac]);
    if (!node) return;
    const at = isPast ? (dnsmasqTime(line, new Date()) ?? null) : undefined;
    if (parsed.message === 'DHCPDISCOVER') this.once(node, 'DISCOVER', 'at dnsmasq', at);
    if (parsed.message === 'DHCPACK') this.once(node, 'lease', parsed.ip, at);
  }

  tftpLogLine(line: string, isPast: boolean): void {
    const sent = parseTftpLog(line);
    if (!sent) return;
    const node = 'mac' in sent ? this.conductor.store.findByMac([sent.mac]) : { uuid: sent.uuid };
    const at = isPast ? (dnsmasqTime(line, new Date()) ?? null) : undefined;
    if (node) this.file(node.uuid, sent.file, 'by TFTP', at);
  }

  accessLogLine(line: string, isPast: boolean): void {
    const request = parseAccessLog(line);
    if (request?.method !== 'GET' || !request.isWhole || request.status >= 400) return;
    const { path, at, ms } = request;
    const [, uuid = '', name = ''] = /^\/([0-9a-f-]{36})\/(.+)$/.exec(path) ?? [];
    this.file(uuid, name, `by HTTP in ${ms} ms`, isPast ? new Date(at) : undefined);
  }

  private file(uuid: string, name: string, how: string, at: When): void {
    const phases: Readonly<Record<string, PhaseName>> = {
      'boot.ipxe': 'bootloader',
      config: 'bootloader',
      deploy_kernel: 'kernel',
      deploy_ramdisk: 'ramdisk',
    };
    const phase = phases[name];
    const node = this.conductor.store.find(uuid);
    if (phase && node) this.once(node, phase, how, at);
  }

  /** A phase is told once for each time that the power is put on. */
  private once(node: Node, phase: PhaseName, detail: string | undefined, at: When): void {
    const { provision_state } = node;
    if (provision_state !== 'wait call-back' && provision_state !== 'deploying') return;
    // dnsmasq tells no parts of a second.
    const powerOn = Math.floor(Date.parse(poweredOnAt(node)) / 1000) * 1000;
    if (at === null || (at && !(at.getTime() >= powerOn))) return;
    if (!phasesSincePowerOn(node).includes(phase)) this.conductor.phase(node, phase, detail, at);
  }
}

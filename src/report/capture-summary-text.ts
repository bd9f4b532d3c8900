import pc from 'picocolors';
import type { DhcpConversation } from '../packets/summary/dhcp-conversations.ts';
import type { LanSummary } from '../packets/summary/lan.ts';
import type { CaptureSummary } from '../packets/summary/summary.ts';
import type { TftpTransferSummary } from '../packets/summary/tftp-log.ts';
import { bytesText, durationText } from './amounts.ts';
import { table } from './table.ts';
import { localTime } from './time.ts';

/** The most lines of a list worth reading at once. */
const mostListed = 40;

/** What a capture shows, for a person: what went on in each VLAN, with frame numbers to look it up by. */
export function captureSummaryText(file: string, summary: CaptureSummary): string {
  const { frames, bytes, first, last, lans } = summary;
  if (frames === 0) return `${pc.bold(file)}: no frames`;
  const since = localTime(new Date(Number(first / 1_000_000n)).toISOString());
  const lasting = durationText(Number(last - first) / 1e6);
  const heading = `${pc.bold(file)}: ${counted(frames, 'frame')}, ${bytesText(bytes)}, ${lasting} from ${since}`;
  return [heading, ...lans.flatMap((lan) => ['', ...lanText(lan)])].join('\n');
}

function lanText(lan: LanSummary): string[] {
  return [
    `${pc.bold(lanName(lan))}: ${counted(lan.frames, 'frame')}, ${bytesText(lan.bytes)}`,
    ...section('hosts', hostRows(lan)),
    ...section('DHCP', lan.dhcp.map(dhcpText)),
    ...section('TFTP', lan.tftp.map(tftpText)),
    ...section('problems', problems(lan)),
  ];
}

function lanName({ point, tunnel, vlans }: LanSummary): string {
  const tag = vlans.length === 0 ? 'untagged' : `VLAN ${vlans.toReversed().join(' in ')}`;
  return [point, tunnel, tag].filter((part) => part !== undefined).join(', ');
}

function section(title: string, lines: readonly string[]): string[] {
  if (lines.length === 0) return [];
  const listed = lines.slice(0, mostListed);
  const rest = lines.length > mostListed ? [`and ${lines.length - mostListed} more`] : [];
  return [`  ${title}`, ...[...listed, ...rest].map((line) => `    ${line}`)];
}

function hostRows({ hosts }: LanSummary): string[] {
  return table(
    hosts.map(({ mac, addresses, frames, bytes }) => [
      mac,
      shortened(addresses) || '-',
      `${counted(frames, 'frame')}, ${bytesText(bytes)} sent`,
    ]),
  );
}

function shortened(addresses: readonly string[]): string {
  const [first, second, ...rest] = addresses;
  const listed = [first, second].filter((address) => address !== undefined).join(', ');
  return rest.length > 0 ? `${listed} and ${rest.length} more` : listed;
}

function dhcpText(conversation: DhcpConversation): string {
  const { client, messages, firstFrame, outcome } = conversation;
  const mark =
    outcome === 'bound' || outcome === 'informed' || outcome === 'bootp answered'
      ? pc.green('✓')
      : pc.yellow('!');
  return `${mark} ${client} ${dhcpOutcomeText(conversation)} ${pc.dim(`(${messages}; from frame ${firstFrame})`)}`;
}

/** The outcome of a DHCP conversation in words, without the client. */
export function dhcpOutcomeText(conversation: DhcpConversation): string {
  const { outcome, address, servers, leaseSeconds, boot, reason, durationMs } = conversation;
  const by = servers.length > 0 ? ` by ${servers.join(' and ')}` : '';
  const it = address ?? 'an address';
  const told = boot ? `, told to boot ${boot.file}${boot.server ? ` from ${boot.server}` : ''}` : '';
  const because = reason ? `: ${reason}` : '';
  const waited = durationMs > 0 ? ` within ${durationText(durationMs)}` : '';
  switch (outcome) {
    case 'bound': {
      const lease = leaseSeconds === undefined ? '' : ` for ${leaseText(leaseSeconds)}`;
      return `was given ${it}${by}${lease} in ${durationText(durationMs)}${told}`;
    }
    case 'refused':
      return `was refused ${it}${by}${because}`;
    case 'request unanswered':
      return `asked for ${it}, and nobody answered${waited}`;
    case 'offer not taken':
      return `was offered ${it}${by} and did not take it${told}`;
    case 'discover unanswered':
      return `looked for a server, and nobody answered${waited}`;
    case 'declined':
      return `declined ${it}, which is in use${because}`;
    case 'released':
      return `gave ${it} back`;
    case 'informed':
      return `asked for parameters and was answered${by}${told}`;
    case 'inform unanswered':
      return 'asked for parameters, and nobody answered';
    case 'bootp answered':
      return `was given ${it} by BOOTP${told}`;
    case 'bootp unanswered':
      return `asked by BOOTP, and nobody answered${waited}`;
    case 'client unseen':
      return `was answered${by}, but its own messages are not in the capture`;
  }
}

/** RFC 2131 3.3: all ones is for ever. */
function leaseText(seconds: number): string {
  return seconds === 0xffff_ffff ? 'ever' : durationText(seconds * 1000);
}

function tftpText(transfer: TftpTransferSummary): string {
  const { client, server, file, direction, firstFrame, outcome } = transfer;
  const done = outcome === 'complete';
  const mark = done || outcome === 'size only' ? pc.green('✓') : pc.yellow('!');
  const read = done ? `fetched ${file} from ${server}` : `asked ${server} for ${file}`;
  const what = direction === 'read' ? read : `${done ? 'sent' : 'offered'} ${file} to ${server}`;
  return `${mark} ${client} ${what}: ${tftpOutcomeText(transfer)} ${pc.dim(`(from frame ${firstFrame})`)}`;
}

/** The outcome of a TFTP transfer in words. */
export function tftpOutcomeText(transfer: TftpTransferSummary): string {
  const { outcome, bytes, durationMs, blockSize, size, retransmits, requests, error } = transfer;
  const again = [
    ...(retransmits > 0 ? [`${counted(retransmits, 'block')} sent again`] : []),
    ...(requests > 1 ? [`asked ${requests} times`] : []),
  ];
  const time =
    durationMs > 0 ? ` in ${durationText(durationMs)} (${bytesText((bytes * 1000) / durationMs)}/s)` : '';
  const ofSize = size === undefined || outcome === 'complete' ? '' : ` of ${bytesText(size)}`;
  const moved = `${bytesText(bytes)}${ofSize}${time}, blocks of ${blockSize}`;
  switch (outcome) {
    case 'complete':
      return [moved, ...again].join(', ');
    case 'incomplete':
      return [`broke off after ${moved}`, ...again].join(', ');
    case 'error':
      return [`error ${error?.code}: ${error?.message}${bytes > 0 ? `, after ${moved}` : ''}`, ...again].join(
        ', ',
      );
    case 'size only':
      return [`asked only how large it is: ${size} bytes`, ...again].join(', ');
    case 'unanswered':
      return requests > 1 ? `no answer to ${requests} requests` : 'no answer';
  }
}

function problems({ arpConflicts, checksums, duplicates, undecoded, incomplete }: LanSummary): string[] {
  return [
    ...arpConflicts.map(({ ip, claims }) => {
      const claimed = claims.map(({ mac, frame }) => `${mac} (frame ${frame})`).join(' and by ');
      return `${ip} is claimed by ${claimed}`;
    }),
    ...checksums.bad.map(({ layer, frames, firstFrame }) => {
      return `${counted(frames, 'frame')} with a wrong ${layer} checksum, first frame ${firstFrame}`;
    }),
    ...(checksums.offloaded > 0
      ? [`${counted(checksums.offloaded, 'frame')} whose checksum is left to the network card`]
      : []),
    ...(duplicates.first
      ? [
          `${counted(duplicates.frames, 'frame')} captured twice; frame ${duplicates.first.again} is frame ${duplicates.first.frame} again`,
        ]
      : []),
    ...undecoded.map(({ reason, frames, firstFrame }) => {
      return `${counted(frames, 'frame')} not decoded to the end: ${reason}, first frame ${firstFrame}`;
    }),
    ...(incomplete ? ['more hosts or conversations than are kept here'] : []),
  ];
}

function counted(number: number, what: string): string {
  return `${number} ${what}${number === 1 ? '' : 's'}`;
}

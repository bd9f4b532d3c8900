import { randomBytes } from 'node:crypto';
import { LabError } from '../errors.ts';
import { ipv4Pattern } from '../topology/ipv4.ts';
import type { AddressBook, Station } from './address-book.ts';

/** A frame as `ovs-ofctl compose-packet` makes one. */
export interface FrameRecipe {
  /** ovs-fields(7), with a value for each field. */
  readonly flow: string;
  /** What UDP or TCP carry, in hexadecimal. */
  readonly payload?: string;
}

const broadcast = 'ff:ff:ff:ff:ff:ff';
const macPattern = /^([0-9a-f]{2}:){5}[0-9a-f]{2}$/;

/** What can be described, for help and errors. */
export const describable = [
  'dhcp-discover',
  'dhcp-request for IP',
  'arp who-has IP',
  'ping IP',
  'tftp-read FILE to IP',
] as const;

/**
 * The frame that words describe: what it is, then `from`, `to` and `vlan` in any order.
 *
 * @param words `dhcp-discover from 52:54:00:00:02:01`, `arp who-has 10.0.0.1 from stand-in-1 vlan 1001`
 * @param atPoint who sends where nobody is named
 * @throws LabError `usage` that says what is not understood
 */
export function describedFrame(
  words: readonly string[],
  book: AddressBook,
  atPoint: Station | undefined,
): FrameRecipe {
  const { subject, clauses } = clausesOf(words);
  const [kind = '', ...rest] = subject;
  if (!describable.some((form) => form.split(' ')[0] === kind)) {
    throw misunderstood(words.join(' '), 'no such frame can be described');
  }
  const sender = senderOf(clauses.from, book, atPoint);
  const tag = clauses.vlan === undefined ? '' : `,dl_vlan=${vlanOf(clauses.vlan)}`;
  const link = (destination: string) => `dl_src=${sender.mac},dl_dst=${destination}${tag}`;
  const datagram = (destination: string, ends: string) => `udp,${link(destination)},${ends},nw_ttl=64`;
  switch (kind) {
    case 'dhcp-discover':
    case 'dhcp-request': {
      const ends = 'nw_src=0.0.0.0,nw_dst=255.255.255.255,udp_src=68,udp_dst=67';
      const wanted =
        kind === 'dhcp-request' ? ipOf(clauses.for, 'for', 'the address that is requested') : undefined;
      nothingAfter(kind, rest);
      return { flow: datagram(broadcast, ends), payload: dhcpMessage(sender.mac, wanted) };
    }
    case 'arp': {
      const target = ipOf(
        rest.filter((word) => word !== 'who-has')[0],
        'arp who-has',
        'the address that is asked for',
      );
      const hardware = `arp_sha=${sender.mac},arp_tha=00:00:00:00:00:00`;
      return {
        flow: `arp,${link(broadcast)},arp_op=1,arp_spa=${addressOf(sender)},arp_tpa=${target},${hardware}`,
      };
    }
    case 'ping': {
      const target = ipOf(rest[0] ?? clauses.to, 'ping', 'an address');
      const ends = `nw_src=${addressOf(sender)},nw_dst=${target}`;
      return { flow: `icmp,${link(macFor(book, sender, target))},${ends},nw_ttl=64,icmp_type=8,icmp_code=0` };
    }
    case 'tftp-read': {
      const [file, ...more] = rest;
      if (file === undefined) throw misunderstood('tftp-read', 'the name of a file is missing');
      nothingAfter(kind, more);
      const server = ipOf(clauses.to, 'to', "the TFTP server's address");
      const ends = `nw_src=${addressOf(sender)},nw_dst=${server},udp_src=2070,udp_dst=69`;
      const request = Buffer.concat([Buffer.from([0, 1]), Buffer.from(`${file}\0octet\0`)]);
      return { flow: datagram(macFor(book, sender, server), ends), payload: request.toString('hex') };
    }
    default:
      throw misunderstood(words.join(' '), 'no such frame can be described');
  }
}

const clauseNames = ['from', 'to', 'for', 'vlan'] as const;
type Clauses = Partial<Record<(typeof clauseNames)[number], string>>;

function clausesOf(words: readonly string[]): { readonly subject: string[]; readonly clauses: Clauses } {
  const subject: string[] = [];
  const clauses: Clauses = {};
  for (let index = 0; index < words.length; index++) {
    const word = words[index] ?? '';
    const name = clauseNames.find((it) => it === word);
    if (!name) subject.push(word);
    else {
      const value = words[++index];
      if (value === undefined) throw misunderstood(words.join(' '), `nothing follows "${word}"`);
      clauses[name] = value;
    }
  }
  return { subject, clauses };
}

type Sender = Pick<Station, 'mac'> & Partial<Station>;

function senderOf(from: string | undefined, book: AddressBook, atPoint: Station | undefined): Sender {
  if (from === undefined) {
    if (atPoint) return atPoint;
    throw misunderstood(
      'from',
      'the point belongs to nobody, so say who sends: from MAC, or from a server or VM by its name',
    );
  }
  const known = book.find(from);
  if (known) return known;
  const mac = from.toLowerCase();
  if (macPattern.test(mac)) return { mac };
  const names = book.stations.map(({ name }) => name);
  throw misunderstood(
    `from ${from}`,
    `it is no MAC, and nobody of that name: ${[...new Set(names)].join(', ')}`,
  );
}

function addressOf(sender: Sender): string {
  return sender.ip ?? '0.0.0.0';
}

function macFor(book: AddressBook, sender: Sender, ip: string): string {
  const station = book.stations.find(({ mac }) => mac === sender.mac);
  const hop = station && book.nextHop(station, ip);
  if (hop) return hop.mac;
  throw misunderstood(ip, `nobody is known who has it, and ${sender.name ?? sender.mac} has no gateway`);
}

function ipOf(text: string | undefined, word: string, what: string): string {
  if (text !== undefined && ipv4Pattern.test(text)) return text;
  throw misunderstood(text === undefined ? word : `${word} ${text}`, `${what} is expected, such as 10.0.0.1`);
}

function vlanOf(text: string): number {
  const vlan = Number(text);
  if (Number.isInteger(vlan) && vlan >= 0 && vlan <= 4095) return vlan;
  throw misunderstood(`vlan ${text}`, 'a VLAN id from 0 to 4095 is expected');
}

function nothingAfter(kind: string, rest: readonly string[]): void {
  if (rest.length > 0) throw misunderstood(rest.join(' '), `nothing is expected there after ${kind}`);
}

function misunderstood(text: string, why: string): LabError {
  return new LabError('usage', `the frame is not understood at "${text}": ${why}`, {
    remedy: `one of ${describable.join(', ')} (from NAME or MAC, vlan ID); or fields such as udp,dl_src=…,udp_dst=67; hexadecimal; or FILE:NUMBER`,
  });
}

/** A client's message (RFC 2131), with the options that a PXE client has. */
function dhcpMessage(mac: string, requested: string | undefined): string {
  const message = Buffer.alloc(300);
  message.set([1, 1, 6, 0]);
  message.set(randomBytes(4), 4);
  message.set(Buffer.from(mac.replaceAll(':', ''), 'hex'), 28);
  const options = [
    [0x63, 0x82, 0x53, 0x63],
    [53, 1, requested === undefined ? 1 : 3],
    ...(requested === undefined ? [] : [[50, 4, ...requested.split('.').map(Number)]]),
    [55, 4, 1, 3, 66, 67],
    [255],
  ];
  message.set(options.flat(), 236);
  return message.toString('hex');
}

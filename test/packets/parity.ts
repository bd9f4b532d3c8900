import { type DecodedFrame, FrameDecoder } from '../../src/packets/decode.ts';
import type { CapturedFrame } from '../../src/packets/frame.ts';
import { readCaptureFile } from '../../src/packets/read.ts';
import { type Field, tsharkFrames } from './tshark.ts';

/** What is compared: for each name the values in the order in which they lie in the frame, outermost first. */
export type Facts = Record<string, string[]>;

interface Fact {
  readonly name: string;
  readonly ours: (layer: DecodedFrame) => readonly (string | number | boolean | undefined)[];
  /** Names of tshark's fields. */
  readonly theirs: readonly string[];
  /** tshark's value in our form; undefined leaves it out. */
  readonly form?: (field: Field) => string | undefined;
}

const number = ({ show }: Field) => String(Number(show));
const timesEight = ({ show }: Field) => String(Number(show) * 8);
const flag = ({ show }: Field) => String(show === '1' || show === 'True');
const flagNames = ({ show }: Field) => {
  const names = ['CWR', 'ECE', 'URG', 'ACK', 'PSH', 'RST', 'SYN', 'FIN'];
  return names.filter((_, bit) => Number(show) & (0x80 >> bit)).join(',');
};
const hex = ({ value }: Field) => value;

function fact(
  name: string,
  theirs: string | readonly string[],
  ours: (
    layer: DecodedFrame,
  ) => string | number | boolean | undefined | readonly (string | number | boolean | undefined)[],
  form?: Fact['form'],
): Fact {
  return {
    name,
    theirs: typeof theirs === 'string' ? [theirs] : theirs,
    ours: (layer) => [ours(layer)].flat(),
    ...(form ? { form } : {}),
  };
}

const facts: readonly Fact[] = [
  fact('eth.src', 'eth.src', (l) => l.eth?.src),
  fact('eth.dst', 'eth.dst', (l) => l.eth?.dst),
  fact('eth.type', 'eth.type', (l) => l.eth?.type, number),
  fact('eth.length', 'eth.len', (l) => l.eth?.length, number),
  fact('llc', 'llc.dsap', (l) => l.llc?.dsap, number),
  fact('cooked', ['sll.etype', 'sll.ltype'], (l) => l.cooked?.protocol, number),
  fact('vlan.id', ['vlan.id', 'ieee8021ad.id'], (l) => l.vlans.map(({ id }) => id), number),
  fact(
    'vlan.priority',
    ['vlan.priority', 'ieee8021ad.priority'],
    (l) => l.vlans.map((v) => v.priority),
    number,
  ),
  fact('vlan.dei', ['vlan.dei', 'ieee8021ad.dei'], (l) => l.vlans.map(({ dei }) => dei), flag),
  fact(
    'vlan.type',
    ['vlan.etype', 'ieee8021ah.etype'],
    (l) => l.vlans.map(({ type }) => (type < 0x600 ? undefined : type)),
    number,
  ),
  fact('arp.op', 'arp.opcode', (l) => l.arp?.op, number),
  fact('arp.senderMac', 'arp.src.hw_mac', (l) => l.arp?.senderMac),
  fact('arp.senderIp', 'arp.src.proto_ipv4', (l) => l.arp?.senderIp),
  fact('arp.targetMac', 'arp.dst.hw_mac', (l) => l.arp?.targetMac),
  fact('arp.targetIp', 'arp.dst.proto_ipv4', (l) => l.arp?.targetIp),
  fact('ipv4.src', 'ip.src', (l) => l.ipv4?.src),
  fact('ipv4.dst', 'ip.dst', (l) => l.ipv4?.dst),
  fact('ipv4.protocol', 'ip.proto', (l) => l.ipv4?.protocol, number),
  fact('ipv4.ttl', 'ip.ttl', (l) => l.ipv4?.ttl, number),
  fact('ipv4.id', 'ip.id', (l) => l.ipv4?.id, number),
  fact('ipv4.length', 'ip.len', (l) => l.ipv4?.length, number),
  fact('ipv4.tos', 'ip.dsfield', (l) => l.ipv4?.tos, number),
  fact('ipv4.dontFragment', 'ip.flags.df', (l) => l.ipv4?.dontFragment, flag),
  fact('ipv4.moreFragments', 'ip.flags.mf', (l) => l.ipv4?.moreFragments, flag),
  fact('ipv4.fragmentOffset', 'ip.frag_offset', (l) => l.ipv4?.fragmentOffset, timesEight),
  fact('ipv6.src', 'ipv6.src', (l) => l.ipv6?.src),
  fact('ipv6.dst', 'ipv6.dst', (l) => l.ipv6?.dst),
  fact('ipv6.hopLimit', 'ipv6.hlim', (l) => l.ipv6?.hopLimit, number),
  fact('ipv6.payloadLength', 'ipv6.plen', (l) => l.ipv6?.payloadLength, number),
  fact('ipv6.trafficClass', 'ipv6.tclass', (l) => l.ipv6?.trafficClass, number),
  fact('ipv6.flowLabel', 'ipv6.flow', (l) => l.ipv6?.flowLabel, number),
  fact('icmp.type', 'icmp.type', (l) => l.icmp?.type, number),
  fact('icmp.code', 'icmp.code', (l) => l.icmp?.code, number),
  fact('icmpv6.type', 'icmpv6.type', (l) => l.icmpv6?.type, number),
  fact('icmpv6.code', 'icmpv6.code', (l) => l.icmpv6?.code, number),
  fact(
    'icmpv6.target',
    ['icmpv6.nd.ns.target_address', 'icmpv6.nd.na.target_address'],
    (l) => l.icmpv6?.target,
  ),
  fact('srcPort', ['udp.srcport', 'tcp.srcport'], (l) => (l.udp ?? l.tcp ?? l.ports)?.srcPort, number),
  fact('dstPort', ['udp.dstport', 'tcp.dstport'], (l) => (l.udp ?? l.tcp ?? l.ports)?.dstPort, number),
  fact('udp.length', 'udp.length', (l) => l.udp?.length, number),
  fact('tcp.seq', 'tcp.seq', (l) => l.tcp?.seq, number),
  fact('tcp.ack', 'tcp.ack', (l) => l.tcp?.ack, number),
  fact('tcp.length', 'tcp.len', (l) => l.tcp?.length, number),
  fact('tcp.flags', 'tcp.flags', (l) => l.tcp?.flags, flagNames),
  fact('tcp.window', 'tcp.window_size_value', (l) => l.tcp?.window, number),
  fact('gre.protocol', 'gre.proto', (l) => l.gre?.protocol, number),
  fact('gre.key', 'gre.key', (l) => l.gre?.key, number),
  fact('vxlan.vni', 'vxlan.vni', (l) => l.vxlan?.vni, number),
  fact('dhcp.op', 'dhcp.type', (l) => l.dhcp?.op, number),
  fact('dhcp.type', 'dhcp.option.dhcp', (l) => typeOf(l), number),
  fact('dhcp.xid', 'dhcp.id', (l) => l.dhcp?.xid),
  fact('dhcp.chaddr', 'dhcp.hw.mac_addr', (l) => (l.dhcp?.chaddr.length === 17 ? l.dhcp.chaddr : undefined)),
  fact('dhcp.ciaddr', 'dhcp.ip.client', (l) => l.dhcp?.ciaddr),
  fact('dhcp.yiaddr', 'dhcp.ip.your', (l) => l.dhcp?.yiaddr),
  fact('dhcp.siaddr', 'dhcp.ip.server', (l) => l.dhcp?.siaddr),
  fact('dhcp.giaddr', 'dhcp.ip.relay', (l) => l.dhcp?.giaddr),
  fact('dhcp.secs', 'dhcp.secs', (l) => l.dhcp?.secs, number),
  fact('dhcp.broadcast', 'dhcp.flags.bc', (l) => l.dhcp?.broadcast, flag),
  fact('dhcp.hops', 'dhcp.hops', (l) => l.dhcp?.hops, number),
  fact('tftp.opcode', 'tftp.opcode', (l) => l.tftp?.opcode, number),
  fact('tftp.file', ['tftp.source_file', 'tftp.destination_file'], (l) => l.tftp?.file),
  fact('tftp.mode', 'tftp.type', (l) => l.tftp?.mode),
  fact('tftp.block', 'tftp.block', (l) => l.tftp?.block, number),
  fact('tftp.errorCode', 'tftp.error.code', (l) => l.tftp?.errorCode, number),
  fact('tftp.errorMessage', 'tftp.error.message', (l) => l.tftp?.errorMessage),
  fact(
    'tftp.options',
    'tftp.option.name',
    (l) => Object.keys(l.tftp?.options ?? {}),
    ({ show }) => show.toLowerCase(),
  ),
  fact('dns.id', 'dns.id', (l) => l.dns?.id, number),
  fact('dns.question', 'dns.qry.name', (l) => l.dns?.questions.map(({ name }) => name) ?? []),
  fact(
    'dns.address',
    'dns.a',
    (l) => l.dns?.answers.flatMap(({ type, data }) => (type === 'A' ? [String(data)] : [])) ?? [],
  ),
  fact('rmcp.class', 'rmcp.class', (l) => l.rmcp?.class, number),
  fact('ipmi.payloadType', 'ipmi_session.payloadtype', (l) => l.rmcp?.ipmi?.payloadType, number),
  fact(
    'http.method',
    'http.request.method',
    (l) => l.http?.map((m) => (m.kind === 'request' ? m.method : undefined)) ?? [],
  ),
  fact(
    'http.target',
    'http.request.uri',
    (l) => l.http?.map((m) => (m.kind === 'request' ? m.target : undefined)) ?? [],
  ),
  fact(
    'http.status',
    'http.response.code',
    (l) => l.http?.map((m) => (m.kind === 'response' ? m.status : undefined)) ?? [],
    number,
  ),
  fact('iscsi.opcode', 'iscsi.opcode', (l) => l.iscsi?.map(({ opcode }) => opcode) ?? [], number),
  fact(
    'iscsi.text',
    'iscsi.keyvalue',
    (l) => l.iscsi?.flatMap(({ text = {} }) => Object.entries(text).map((e) => e.join('='))) ?? [],
  ),
];

const messageTypes = ['DISCOVER', 'OFFER', 'REQUEST', 'DECLINE', 'ACK', 'NAK', 'RELEASE', 'INFORM'];

function typeOf({ dhcp }: DecodedFrame): number | undefined {
  if (!dhcp || dhcp.type === null) return undefined;
  return typeof dhcp.type === 'number' ? dhcp.type : messageTypes.indexOf(dhcp.type) + 1;
}

/** The frame and what lies in it, outermost first. */
function layersOf(frame: DecodedFrame): DecodedFrame[] {
  return [frame, ...[frame.inner, frame.quoted].flatMap((inner) => (inner ? layersOf(inner) : []))];
}

export function ourFacts(frame: CapturedFrame, decodedFrame: DecodedFrame): Facts {
  const found: Facts = { time: [seconds(frame.time)], length: [`${frame.length}/${frame.bytes.length}`] };
  const layers = layersOf(decodedFrame);
  for (const { name, ours } of facts) {
    const values = layers.flatMap(ours).filter((value) => value !== undefined);
    if (values.length > 0) found[name] = values.map(String);
  }
  const options = layers.flatMap(({ dhcp }) => dhcp?.options.map(({ code, hex }) => `${code}=${hex}`) ?? []);
  if (options.length > 0) found['dhcp.options'] = options.sort();
  return found;
}

export function theirFacts(fields: readonly Field[]): Facts {
  const one = (name: string) => fields.find((field) => field.name === name)?.show ?? '';
  const found: Facts = {
    time: [one('frame.time_epoch') || seconds(0n)],
    length: [`${one('frame.len')}/${one('frame.cap_len')}`],
  };
  for (const { name, theirs, form } of facts) {
    const values = fields
      .filter((field, index) => theirs.includes(field.name) && !isClientId(fields, index))
      .flatMap((field) => (form ? form(field) : field.show) ?? []);
    if (values.length > 0) found[name] = values;
  }
  const options = new Map<number, string>();
  for (const field of fields) {
    if (field.name !== 'dhcp.option.type') continue;
    const code = Number(field.show);
    if (code === 0 || code === 255) continue;
    options.set(code, (options.get(code) ?? '') + hex(field).slice(4));
  }
  if (options.size > 0)
    found['dhcp.options'] = [...options].map(([code, value]) => `${code}=${value}`).sort();
  return found;
}

/** tshark gives option 61 the name of chaddr; the real one follows the relay's address. */
function isClientId(fields: readonly Field[], index: number): boolean {
  return fields[index]?.name === 'dhcp.hw.mac_addr' && fields[index - 1]?.name !== 'dhcp.ip.relay';
}

function seconds(time: bigint): string {
  return `${time / 1_000_000_000n}.${String(time % 1_000_000_000n).padStart(9, '0')}`;
}

export interface Difference {
  readonly frame: number;
  readonly fact: string;
  readonly ours: string;
  readonly theirs: string;
  /** Our reason for not decoding further. */
  readonly error: string | undefined;
}

/** Names of everything that is compared. */
export const factNames: readonly string[] = [
  ...facts.map(({ name }) => name),
  'dhcp.options',
  'time',
  'length',
];

export interface Comparison {
  readonly differences: Difference[];
  /** Names of the facts that both sides gave, and alike, in some frame. */
  readonly agreed: ReadonlySet<string>;
}

/** Compares our decoders and tshark on this file. */
export async function compareWithTshark(path: string): Promise<Comparison> {
  const { frames } = await readCaptureFile(path);
  const theirs = await tsharkFrames(path);
  const decoder = new FrameDecoder();
  const found: Difference[] = [];
  const agreed = new Set<string>();
  if (frames.length !== theirs.length) {
    found.push({
      frame: 0,
      fact: 'frames',
      ours: `${frames.length}`,
      theirs: `${theirs.length}`,
      error: undefined,
    });
  }
  frames.forEach((frame, index) => {
    const decodedFrame = decoder.decode(frame);
    const our = ourFacts(frame, decodedFrame);
    const their = theirFacts(theirs[index] ?? []);
    for (const name of new Set([...Object.keys(our), ...Object.keys(their)])) {
      const pair = { ours: (our[name] ?? []).join(' '), theirs: (their[name] ?? []).join(' ') };
      if (pair.ours === pair.theirs) agreed.add(name);
      else found.push({ frame: frame.number, fact: name, ...pair, error: decodedFrame.error });
    }
  });
  return { differences: found, agreed };
}

/** Why frames that are cut or damaged may be told differently. */
const explained: readonly { readonly reason: string; readonly holds: (difference: Difference) => boolean }[] =
  [
    {
      reason:
        'tshark gives single fields of a header that is not whole; here a header is given whole or not at all',
      holds: ({ ours, theirs, error }) =>
        error !== undefined && /cut short|exceeds|overflow/.test(error) && isWithin(ours, theirs),
    },
    {
      reason:
        'tshark gives nothing of a message that is cut or contradicts itself; here what is there is given',
      holds: ({ ours, theirs, error }) => error !== undefined && isWithin(theirs, ours),
    },
    {
      reason: 'tshark takes no note of a TFTP request that the capture cut, and so does not see the transfer',
      holds: ({ fact, theirs }) => fact.startsWith('tftp.') && theirs === '',
    },
  ];

/** Whether the values of `part` are all among those of `whole`. */
function isWithin(part: string, whole: string): boolean {
  const values = whole.split(' ');
  return part === '' || part.split(' ').every((value) => values.includes(value));
}

export function isExplained(difference: Difference): boolean {
  return explained.some(({ holds }) => holds(difference));
}

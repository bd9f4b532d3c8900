import { type CapturedFrame, linkTypes } from '../../src/packets/frame.ts';
import { bytes, captured, ethernet, mac, macs, type Tag, tag, u16, u32 } from './build.ts';
import { everyContainer, pcap } from './containers.ts';
import { type Packet, traffic } from './traffic.ts';

/** How a packet becomes a frame of a link type; undefined when that link type cannot carry it. */
type Link = (packet: Packet) => Uint8Array | undefined;

const vlanStacks: Readonly<Record<string, readonly Tag[]>> = {
  untagged: [],
  vlan: [{ id: 1001, priority: 3 }],
  priority: [{ id: 0, priority: 7, dei: true }],
  qinq: [{ id: 7, tpid: 0x88a8, dei: true }, { id: 1001 }],
  'old-qinq': [{ id: 7, tpid: 0x9100 }, { id: 4095 }],
  triple: [{ id: 1 }, { id: 2 }, { id: 3, priority: 1 }],
};

const isIp = ({ type }: Packet) => type !== 0x0806;

function snap({ type, payload }: Packet, tags: readonly number[]): Uint8Array {
  const body = bytes([0xaa, 0xaa, 3, 0, 0, 0], u16(type), payload);
  return bytes(mac(macs.server), mac(macs.client), tags, u16(body.length), body);
}

const links: Readonly<Record<string, { readonly linkType: number; readonly link: Link }>> = {
  ...Object.fromEntries(
    Object.entries(vlanStacks).map(([name, vlans]) => [
      name,
      {
        linkType: linkTypes.ethernet,
        link: ({ type, payload }: Packet) => ethernet({ type, vlans }, payload),
      },
    ]),
  ),
  snap: {
    linkType: linkTypes.ethernet,
    link: (packet) => (packet.payload.length > 1450 ? undefined : snap(packet, [])),
  },
  sll: {
    linkType: linkTypes.linuxSll,
    link: ({ type, payload }) => bytes([0, 4, 0, 1, 0, 6], mac(macs.client), [0, 0], u16(type), payload),
  },
  'sll-vlan': {
    linkType: linkTypes.linuxSll,
    link: ({ type, payload }) =>
      bytes([0, 1, 0, 1, 0, 6], mac(macs.client), [0, 0], tag({ id: 1001 }), u16(type), payload),
  },
  sll2: {
    linkType: linkTypes.linuxSll2,
    link: ({ type, payload }) =>
      bytes(u16(type), [0, 0], u32(3), [0, 1, 0, 6], mac(macs.client), [0, 0], payload),
  },
  raw: { linkType: linkTypes.raw, link: (packet) => (isIp(packet) ? packet.payload : undefined) },
  ipv4: { linkType: linkTypes.ipv4, link: ({ type, payload }) => (type === 0x0800 ? payload : undefined) },
  ipv6: { linkType: linkTypes.ipv6, link: ({ type, payload }) => (type === 0x86dd ? payload : undefined) },
  null: {
    linkType: linkTypes.null,
    link: (packet) =>
      isIp(packet) ? bytes([packet.type === 0x0800 ? 2 : 30, 0, 0, 0], packet.payload) : undefined,
  },
  loop: {
    linkType: linkTypes.loop,
    link: (packet) =>
      isIp(packet) ? bytes([0, 0, 0, packet.type === 0x0800 ? 2 : 24], packet.payload) : undefined,
  },
};

/** 802.3 frames that carry no IP, and Ethernet frames that are not what they seem. */
const ethernetForms: readonly Uint8Array[] = [
  bytes(
    mac('01:80:c2:00:00:00'),
    mac(macs.client),
    u16(38),
    [0x42, 0x42, 3],
    new Uint8Array(35),
    new Uint8Array(8),
  ),
  bytes(mac(macs.server), mac(macs.client), u16(8), [0xaa, 0xaa, 3, 0, 0, 0x0c], u16(0x2000)),
  bytes(mac(macs.server), mac(macs.client), u16(3), [0xe0, 0xe0, 3]),
  bytes(mac(macs.server), mac(macs.client), tag({ id: 5 }), u16(38), [0x42, 0x42, 3], new Uint8Array(35)),
  ethernet({ type: 0x88cc }, bytes([2, 7, 4], mac(macs.client), [4, 3, 7], '01', [6, 2, 0, 120, 0, 0])),
  ethernet({ type: 0x9000 }, new Uint8Array(46)),
  ethernet({ type: 0x8035 }, new Uint8Array(28)),
  bytes(mac(macs.server), mac(macs.client), u16(0x05f0), new Uint8Array(46)),
  bytes(mac(macs.server), mac(macs.client)),
  bytes(mac(macs.server), mac(macs.client), [0x81]),
  bytes(mac(macs.server), mac(macs.client), [0x81, 0, 0]),
];

export interface CorpusFile {
  readonly name: string;
  readonly content: Uint8Array;
}

function framesOf(
  linkType: number,
  contents: readonly Uint8Array[],
  cutAt = Number.POSITIVE_INFINITY,
): CapturedFrame[] {
  return contents.map((content, index) => ({
    ...captured(content.subarray(0, Math.min(cutAt, content.length)), { number: index + 1, linkType }),
    length: content.length,
  }));
}

function linked(link: Link, packets: readonly Packet[]): Uint8Array[] {
  return packets.flatMap((packet) => link(packet) ?? []);
}

/** Each of these takes a file of every theme; the others, which differ from them in the link header only, take one. */
const usualLinks: ReadonlySet<string> = new Set([
  ...['untagged', 'vlan', 'priority', 'qinq', 'old-qinq', 'snap'],
  ...['sll', 'sll2', 'raw', 'null'],
]);

/** Every theme and every link type, every file format, and frames cut by the capture. */
export function corpus(): CorpusFile[] {
  const files: CorpusFile[] = [];
  const all = Object.values(traffic).flat();
  for (const [linkName, { linkType, link }] of Object.entries(links)) {
    const themes = usualLinks.has(linkName) ? Object.entries(traffic) : [['everything', all] as const];
    for (const [theme, packets] of themes) {
      const frames = framesOf(linkType, linked(link, packets));
      const content = pcap(frames, { nanoseconds: true });
      if (frames.length > 0) files.push({ name: `${theme}-${linkName}`, content });
    }
  }
  const mixed = linked(({ type, payload }) => ethernet({ type }, payload), all);
  for (const [name, content] of Object.entries(
    everyContainer(framesOf(linkTypes.ethernet, mixed.slice(0, 40))),
  )) {
    files.push({ name, content });
  }
  for (const cutAt of [14, 20, 34, 38, 42, 60, 96, 286]) {
    files.push({ name: `cut-at-${cutAt}`, content: pcap(framesOf(linkTypes.ethernet, mixed, cutAt)) });
  }
  files.push({ name: 'ethernet-forms', content: pcap(framesOf(linkTypes.ethernet, ethernetForms)) });
  return files;
}

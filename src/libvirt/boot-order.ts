/**
 * The boot device in a domain's XML (https://libvirt.org/formatdomain.html, "Operating system booting"). Pure:
 * the rest of the document stays as it is.
 */
import { XMLBuilder, XMLParser } from 'fast-xml-parser';

/** libvirt's words for kinds of boot devices. */
export type BootDev = 'network' | 'hd' | 'cdrom' | 'fd';

/** What a domain is to boot from. */
export interface BootWish {
  /** This first, then the rest in their order; undefined leaves the order. */
  readonly first: BootDev | undefined;
  /** Boot by UEFI; false leaves the firmware as it is. */
  readonly efi: boolean;
  /** Let a person choose: show the firmware's menu. */
  readonly menu: boolean;
}

/** A device of a running domain and the boot index that it is to have; -1: none. */
export interface BootIndex {
  /** The device's name in QEMU. */
  readonly alias: string;
  readonly index: number;
}

/** An element as the parser answers it when order counts: one key with the children, and `:@` with attributes. */
interface XmlNode {
  readonly [name: string]: XmlNode[] | Record<string, string> | string;
}

const options = {
  preserveOrder: true,
  ignoreAttributes: false,
  attributeNamePrefix: '',
  parseTagValue: false,
  parseAttributeValue: false,
  trimValues: false,
  commentPropName: '#comment',
};
const parser = new XMLParser(options);
const builder = new XMLBuilder({ ...options, suppressEmptyNode: true, suppressBooleanAttributes: false });
const menuTimeoutMs = '65000';
const bootable = ['disk', 'interface', 'hostdev'];

function nameOf(node: XmlNode): string {
  return Object.keys(node).find((key) => key !== ':@') ?? '';
}

function childrenOf(node: XmlNode | undefined): XmlNode[] {
  const content = node?.[nameOf(node)];
  return Array.isArray(content) ? content : [];
}

function attributesOf(node: XmlNode | undefined): Record<string, string> {
  const attributes = node?.[':@'];
  return attributes !== undefined && typeof attributes === 'object' && !Array.isArray(attributes)
    ? attributes
    : {};
}

function attribute(node: XmlNode | undefined, name: string): string | undefined {
  return attributesOf(node)[name];
}

function find(nodes: readonly XmlNode[], name: string): XmlNode | undefined {
  return nodes.find((node) => name in node);
}

function element(name: string, attributes: Record<string, string>): XmlNode {
  return { [name]: [], ':@': attributes };
}

/** The parts of a domain's document that decide what it boots from. */
function partsOf(document: XmlNode[]): { os: XmlNode | undefined; devices: XmlNode[] } {
  const domain = childrenOf(find(document, 'domain'));
  const devices = childrenOf(find(domain, 'devices')).filter((node) => bootable.includes(nameOf(node)));
  return { os: find(domain, 'os'), devices };
}

function kindOf(device: XmlNode): BootDev | undefined {
  switch (nameOf(device)) {
    case 'interface':
      return 'network';
    case 'disk': {
      const { device: kind = 'disk' } = attributesOf(device);
      return kind === 'cdrom' ? 'cdrom' : kind === 'floppy' ? 'fd' : 'hd';
    }
    default:
      return undefined;
  }
}

function orderOf(device: XmlNode): number | undefined {
  const boot = find(childrenOf(device), 'boot');
  return boot && Number(attribute(boot, 'order'));
}

/** The kinds of devices that the domain tries, where it names kinds and not devices. */
function bootKinds(os: XmlNode | undefined): (string | undefined)[] {
  return childrenOf(os)
    .filter((node) => 'boot' in node)
    .map((node) => attribute(node, 'dev'));
}

/** Devices in the order in which the domain tries them. */
function bootSequence(document: XmlNode[]): XmlNode[] {
  const { os, devices } = partsOf(document);
  const ordered = devices.filter((device) => orderOf(device) !== undefined);
  if (ordered.length > 0) return ordered.sort((a, b) => (orderOf(a) ?? 0) - (orderOf(b) ?? 0));
  // Of each kind libvirt lets the firmware try the first device.
  return bootKinds(os).flatMap((kind) => {
    const device = devices.find((candidate) => kindOf(candidate) === kind);
    return device ? [device] : [];
  });
}

/** The kind of device that the domain tries first, whether it has such a device or not. */
export function firstBootDevice(xml: string): string | undefined {
  const document = parser.parse(xml) as XmlNode[];
  const [first] = bootSequence(document);
  return bootKinds(partsOf(document).os)[0] ?? (first && kindOf(first));
}

/** Whether the domain boots by UEFI. */
export function bootsByEfi(xml: string): boolean {
  const { os } = partsOf(parser.parse(xml) as XmlNode[]);
  return attribute(os, 'firmware') === 'efi' || find(childrenOf(os), 'loader') !== undefined;
}

/** The domain's XML with another boot device. */
export function withBootDevice(xml: string, wish: BootWish): string {
  const document = parser.parse(xml) as XmlNode[];
  const { os, devices } = partsOf(document);
  if (os && wish.first) {
    const ordered = bootSequence(document).filter((device) => orderOf(device) !== undefined);
    if (ordered.length > 0) reorderDevices(devices, ordered, wish.first);
    else reorderKinds(os, wish.first);
  }
  if (os && wish.menu) {
    replace(childrenOf(os), 'bootmenu', [element('bootmenu', { enable: 'yes', timeout: menuTimeoutMs })]);
  }
  if (os && wish.efi && !bootsByEfi(xml)) {
    Object.assign(os, { ':@': { ...attributesOf(os), firmware: 'efi' } });
    // An option of SeaBIOS, which libvirt refuses under UEFI.
    replace(childrenOf(os), 'bios', []);
  }
  return builder.build(document);
}

/** The domain's XML with one kind of boot device in the place of all that it had. */
export function withOnlyBootDevice(xml: string, only: BootDev): string {
  const document = parser.parse(xml) as XmlNode[];
  const { os, devices } = partsOf(document);
  for (const device of devices) replace(childrenOf(device), 'boot', []);
  if (os) replace(childrenOf(os), 'boot', [element('boot', { dev: only })]);
  return builder.build(document);
}

/** The MACs of a domain's interfaces, in lower case. */
export function macsOf(xml: string): string[] {
  return partsOf(parser.parse(xml) as XmlNode[]).devices.flatMap((device) => {
    const mac = attribute(find(childrenOf(device), 'mac'), 'address');
    return mac === undefined ? [] : [mac.toLowerCase()];
  });
}

function reorderKinds(os: XmlNode, first: BootDev): void {
  const boots = childrenOf(os).filter((node) => 'boot' in node);
  const others = boots.filter((node) => attribute(node, 'dev') !== first);
  replace(childrenOf(os), 'boot', [element('boot', { dev: first }), ...others]);
}

function reorderDevices(devices: readonly XmlNode[], ordered: readonly XmlNode[], first: BootDev): void {
  const wanted =
    ordered.find((device) => kindOf(device) === first) ?? devices.find((device) => kindOf(device) === first);
  if (!wanted) return;
  const sequence = [wanted, ...ordered.filter((device) => device !== wanted)];
  for (const [index, device] of sequence.entries()) {
    replace(childrenOf(device), 'boot', [element('boot', { order: String(index + 1) })]);
  }
}

/** Puts elements in the place of all those of a name, or at the end when there is none. */
function replace(nodes: XmlNode[], name: string, by: readonly XmlNode[]): void {
  const at = nodes.findIndex((node) => name in node);
  const rest = nodes.filter((node) => !(name in node));
  rest.splice(at === -1 ? rest.length : at, 0, ...by);
  nodes.splice(0, nodes.length, ...rest);
}

/**
 * The boot indexes that make a running domain boot, from its next reset on, as the other document says. All
 * devices come first with -1, for QEMU gives no index to two devices.
 */
export function bootIndexes(liveXml: string, wantedXml: string): BootIndex[] {
  const live = partsOf(parser.parse(liveXml) as XmlNode[]).devices;
  const wanted = parser.parse(wantedXml) as XmlNode[];
  const aliases = live.map((device) => attribute(find(childrenOf(device), 'alias'), 'name'));
  const sequence = bootSequence(wanted).map((device) => partsOf(wanted).devices.indexOf(device));
  const none = aliases.flatMap((alias) => (alias === undefined ? [] : [{ alias, index: -1 }]));
  const some = sequence.flatMap((place, index) => {
    const alias = aliases[place];
    return alias === undefined ? [] : [{ alias, index: index + 1 }];
  });
  return [...none, ...some];
}

/** Where a running domain's first serial port is reached; undefined when it has none. */
export function serialPort(liveXml: string): { kind: 'pty' | 'unix'; path: string } | undefined {
  const domain = childrenOf(find(parser.parse(liveXml) as XmlNode[], 'domain'));
  const serial = find(childrenOf(find(domain, 'devices')), 'serial');
  const kind = attribute(serial, 'type');
  const path = attribute(find(childrenOf(serial), 'source'), 'path');
  return path !== undefined && (kind === 'pty' || kind === 'unix') ? { kind, path } : undefined;
}

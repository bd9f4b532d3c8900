/** An IPv4 subnet as numbers: `network` is its first address, `broadcast` its last, both as unsigned 32-bit. */
export interface Ipv4Subnet {
  readonly network: number;
  readonly broadcast: number;
  readonly prefixLength: number;
}

/** An inclusive range of IPv4 addresses as unsigned 32-bit numbers. */
export interface Ipv4Range {
  readonly first: number;
  readonly last: number;
}

const octet = '(?:25[0-5]|2[0-4]\\d|1\\d\\d|[1-9]?\\d)';

/** Dotted decimal without leading zeros, which some programs read as octal. */
export const ipv4Pattern = new RegExp(`^${octet}(?:\\.${octet}){3}$`);

/** An IPv4 address, a slash and a prefix length of 8 to 30. */
export const cidrPattern = new RegExp(`^${octet}(?:\\.${octet}){3}/(?:[89]|[12]\\d|30)$`);

/** The address as an unsigned 32-bit number; `text` must match `ipv4Pattern`. */
export function ipv4ToNumber(text: string): number {
  return text.split('.').reduce((sum, part) => sum * 256 + Number(part), 0);
}

/** The dotted decimal form of an unsigned 32-bit number. */
export function numberToIpv4(value: number): string {
  return [value >>> 24, (value >>> 16) & 255, (value >>> 8) & 255, value & 255].join('.');
}

/** The subnet that `text` lies in; `text` must match `cidrPattern` and may have host bits set. */
export function subnetOf(text: string): Ipv4Subnet {
  const [address = '', prefix = ''] = text.split('/');
  const prefixLength = Number(prefix);
  const size = 2 ** (32 - prefixLength);
  const network = Math.floor(ipv4ToNumber(address) / size) * size;
  return { network, broadcast: network + size - 1, prefixLength };
}

/** The addresses of a subnet that a host may have: all but the network's and the broadcast address. */
export function hostsOf(subnet: Ipv4Subnet): Ipv4Range {
  return { first: subnet.network + 1, last: subnet.broadcast - 1 };
}

export function rangeContains(range: Ipv4Range, address: number): boolean {
  return range.first <= address && address <= range.last;
}

/** Whether two ranges share an address. */
export function rangesOverlap(one: Ipv4Range, other: Ipv4Range): boolean {
  return one.first <= other.last && other.first <= one.last;
}

/** `10.0.0.1-10.0.0.254`. */
export function rangeToText(range: Ipv4Range): string {
  return `${numberToIpv4(range.first)}-${numberToIpv4(range.last)}`;
}

/** The form that a range has in a topology file. */
export function rangeToPool(range: Ipv4Range): { start: string; end: string } {
  return { start: numberToIpv4(range.first), end: numberToIpv4(range.last) };
}

/** The reverse of `rangeToPool`; both addresses must match `ipv4Pattern`. */
export function poolToRange(pool: { readonly start: string; readonly end: string }): Ipv4Range {
  return { first: ipv4ToNumber(pool.start), last: ipv4ToNumber(pool.end) };
}

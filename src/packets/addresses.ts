const hex: readonly string[] = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'));

/** Lower-case hexadecimal of `bytes[start..end)`, without separators. */
export function hexOf(bytes: Uint8Array, start = 0, end = bytes.length): string {
  let text = '';
  for (let at = start; at < end; at++) text += hex[bytes[at] as number];
  return text;
}

/** A capture repeats few addresses: the text of each is made once. Slots by hash; a new address takes over its slot. */
const cacheSize = 1024;
const macTexts: string[] = new Array(cacheSize).fill('');
const macKeys = { high: new Uint16Array(cacheSize), low: new Uint32Array(cacheSize) };
const ipv4Texts: string[] = new Array(cacheSize).fill('');
const ipv4Keys = new Uint32Array(cacheSize);

function slotOf(key: number): number {
  return (key ^ (key >>> 10) ^ (key >>> 20)) & (cacheSize - 1);
}

/** The six bytes at `at` as a lower-case colon MAC. */
export function macAt(bytes: Uint8Array, at: number): string {
  const high = uint16(bytes, at);
  const low = uint32(bytes, at + 2);
  const slot = slotOf(low ^ high);
  if (macKeys.low[slot] !== low || macKeys.high[slot] !== high || macTexts[slot] === '') {
    macKeys.low[slot] = low;
    macKeys.high[slot] = high;
    macTexts[slot] = colonHex(bytes, at, at + 6);
  }
  return macTexts[slot] as string;
}

/** The bytes `[start, end)` as lower-case hexadecimal pairs with colons: a hardware address of any length. */
export function colonHex(bytes: Uint8Array, start: number, end: number): string {
  return Array.from(bytes.subarray(start, end), (byte) => hex[byte]).join(':');
}

/** The four bytes at `at` as a dotted IPv4 address. */
export function ipv4At(bytes: Uint8Array, at: number): string {
  const key = uint32(bytes, at);
  const slot = slotOf(key);
  if (ipv4Keys[slot] !== key || ipv4Texts[slot] === '') {
    ipv4Keys[slot] = key;
    ipv4Texts[slot] = bytes.subarray(at, at + 4).join('.');
  }
  return ipv4Texts[slot] as string;
}

/** The sixteen bytes at `at` as an IPv6 address in the one canonical form of RFC 5952. */
export function ipv6At(bytes: Uint8Array, at: number): string {
  const groups: number[] = [];
  for (let i = 0; i < 16; i += 2) groups.push(uint16(bytes, at + i));
  const gap = longestZeros(groups);
  const mapped = gap.start === 0 && gap.length === 5 && groups[5] === 0xffff;
  if (mapped) return `::ffff:${ipv4At(bytes, at + 12)}`;
  const text = (from: number, to: number) =>
    groups
      .slice(from, to)
      .map((group) => group.toString(16))
      .join(':');
  if (gap.length < 2) return text(0, 8);
  return `${text(0, gap.start)}::${text(gap.start + gap.length, 8)}`;
}

function longestZeros(groups: readonly number[]): { start: number; length: number } {
  let best = { start: -1, length: 0 };
  for (let start = 0; start < groups.length; start++) {
    let length = 0;
    while (start + length < groups.length && groups[start + length] === 0) length++;
    if (length > best.length) best = { start, length };
  }
  return best;
}

/** Big-endian 16-bit number at `at`. */
export function uint16(bytes: Uint8Array, at: number): number {
  return ((bytes[at] as number) << 8) | (bytes[at + 1] as number);
}

/** Big-endian unsigned 32-bit number at `at`. */
export function uint32(bytes: Uint8Array, at: number): number {
  return (
    (((bytes[at] as number) << 24) |
      ((bytes[at + 1] as number) << 16) |
      ((bytes[at + 2] as number) << 8) |
      (bytes[at + 3] as number)) >>>
    0
  );
}

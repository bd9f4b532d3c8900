/** A 64-bit little-endian ELF file (System V ABI, "Object Files"): the few parts that images are made by. */

export interface Section {
  readonly name: string;
  readonly type: number;
  /** In the file, in bytes. */
  readonly offset: number;
  readonly size: number;
  /** Index of the section that this one refers to, such as the strings of a symbol table. */
  readonly link: number;
}

const dynamicSection = 6;
const neededTag = 1n;

export function isElf(bytes: Uint8Array): boolean {
  const magic = [0x7f, 0x45, 0x4c, 0x46, 2, 1];
  return bytes.length >= 64 && magic.every((byte, index) => bytes[index] === byte);
}

/** The section headers; none when the file has been stripped of them. */
export function sections(bytes: Uint8Array): Section[] {
  if (!isElf(bytes)) return [];
  const view = dataView(bytes);
  const table = Number(view.getBigUint64(0x28, true));
  const size = view.getUint16(0x3a, true);
  const raw = Array.from({ length: view.getUint16(0x3c, true) }, (_, index) => {
    const at = table + index * size;
    return {
      nameAt: view.getUint32(at, true),
      type: view.getUint32(at + 4, true),
      offset: Number(view.getBigUint64(at + 24, true)),
      size: Number(view.getBigUint64(at + 32, true)),
      link: view.getUint32(at + 40, true),
    };
  });
  const names = raw[view.getUint16(0x3e, true)];
  return raw.map(({ nameAt, ...section }) => ({
    ...section,
    name: names ? textAt(bytes, names.offset + nameAt) : '',
  }));
}

/** The shared libraries that a program or library names (DT_NEEDED), by file name. */
export function neededLibraries(bytes: Uint8Array): string[] {
  const all = sections(bytes);
  const dynamic = all.find((section) => section.type === dynamicSection);
  const strings = dynamic && all[dynamic.link];
  if (!dynamic || !strings) return [];
  const view = dataView(bytes);
  const needed: string[] = [];
  for (let at = dynamic.offset; at < dynamic.offset + dynamic.size; at += 16) {
    if (view.getBigUint64(at, true) !== neededTag) continue;
    needed.push(textAt(bytes, strings.offset + Number(view.getBigUint64(at + 8, true))));
  }
  return needed;
}

/** The program interpreter, the dynamic loader's path; none when linked statically. */
export function interpreter(bytes: Uint8Array): string | undefined {
  const section = sections(bytes).find(({ name }) => name === '.interp');
  return section && textAt(bytes, section.offset);
}

/** What a kernel module says of itself in `.modinfo`: [key, value] pairs, keys such as depends and alias. */
export function moduleInfo(bytes: Uint8Array): [key: string, value: string][] {
  const section = sections(bytes).find(({ name }) => name === '.modinfo');
  if (!section) return [];
  const text = new TextDecoder().decode(bytes.subarray(section.offset, section.offset + section.size));
  return text
    .split('\0')
    .filter((line) => line.includes('='))
    .map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]);
}

export function dataView(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/** The text that ends with a zero byte. */
export function textAt(bytes: Uint8Array, offset: number): string {
  return new TextDecoder().decode(bytes.subarray(offset, bytes.indexOf(0, offset)));
}

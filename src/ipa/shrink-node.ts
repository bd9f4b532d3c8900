import { dataView, sections, textAt } from '../ironic/images/elf.ts';
import { isIcuData, keepIcuItems } from './icu-data.ts';

const page = 4096;
const dynamicSymbols = 11;
const [loadSegment, noteSegment] = [1, 4];
const headerLength = 56;

/** A program header (System V ABI, "Program Header"), offsets and lengths in bytes. */
interface Segment {
  readonly type: number;
  readonly flags: number;
  readonly offset: number;
  readonly address: number;
  readonly fileLength: number;
  readonly memoryLength: number;
  readonly alignment: number;
}

/**
 * Makes the node program smaller for a ramdisk that is fetched and unpacked at each boot; what it does stays the
 * same for a program that speaks English. It loses its symbols and section headers, which are never loaded, and of
 * its language data (ICU) all but English, as node's own build option `small-icu` has it. What is not recognised is
 * left alone.
 */
export function shrinkNode(program: Uint8Array): Uint8Array {
  const segments = readSegments(program);
  const place = findIcuData(program, segments);
  if (!place) return withSegments(program, segments);
  const [start, end] = place;
  const kept = keepIcuItems(program.subarray(start, end), isKept);
  // Not slice(): that of a Buffer is no copy.
  const changed = new Uint8Array(program);
  changed.fill(0, start, end);
  changed.set(kept, start);
  return cutHole(
    changed,
    segments,
    Math.ceil((start + kept.length) / page) * page,
    Math.floor(end / page) * page,
  );
}

/** Takes whole pages out of a loaded segment, which becomes two. What lies there is never read. */
function cutHole(program: Uint8Array, segments: readonly Segment[], start: number, end: number): Uint8Array {
  const hole = end - start;
  const cut = segments.find(
    ({ type, offset, fileLength }) => type === loadSegment && offset < start && offset + fileLength > end,
  );
  const note = segments.find(({ type }) => type === noteSegment);
  if (hole <= 0 || !cut || !note) return withSegments(program, segments);
  const head = { ...cut, fileLength: start - cut.offset, memoryLength: start - cut.offset };
  const skipped = end - cut.offset;
  const tail = {
    ...cut,
    offset: start,
    address: cut.address + skipped,
    fileLength: cut.fileLength - skipped,
    memoryLength: cut.memoryLength - skipped,
  };
  // The table has no room for one more, and nobody reads the notes of a running program.
  const remaining = segments.flatMap((segment) => {
    if (segment === note) return [];
    if (segment === cut) return [head, tail];
    return segment.offset >= end ? { ...segment, offset: segment.offset - hole } : segment;
  });
  const shorter = new Uint8Array(program.length - hole);
  shorter.set(program.subarray(0, start));
  shorter.set(program.subarray(end), start);
  return withSegments(shorter, remaining);
}

function readSegments(program: Uint8Array): Segment[] {
  const view = dataView(program);
  const table = Number(view.getBigUint64(0x20, true));
  return Array.from({ length: view.getUint16(0x38, true) }, (_, index) => {
    const at = table + index * headerLength;
    return {
      type: view.getUint32(at, true),
      flags: view.getUint32(at + 4, true),
      offset: Number(view.getBigUint64(at + 8, true)),
      address: Number(view.getBigUint64(at + 16, true)),
      fileLength: Number(view.getBigUint64(at + 32, true)),
      memoryLength: Number(view.getBigUint64(at + 40, true)),
      alignment: Number(view.getBigUint64(at + 48, true)),
    };
  });
}

/** The program with these segments, as many as it had, ending with the last loaded byte and without sections. */
function withSegments(program: Uint8Array, segments: readonly Segment[]): Uint8Array {
  const loaded = segments.filter(({ type }) => type === loadSegment);
  const made = new Uint8Array(
    program.subarray(0, Math.max(...loaded.map((each) => each.offset + each.fileLength))),
  );
  const view = dataView(made);
  const table = Number(view.getBigUint64(0x20, true));
  for (const [index, segment] of segments.entries()) {
    const at = table + index * headerLength;
    view.setUint32(at, segment.type, true);
    view.setUint32(at + 4, segment.flags, true);
    const { offset, address, fileLength, memoryLength, alignment } = segment;
    for (const [field, value] of [offset, address, address, fileLength, memoryLength, alignment].entries())
      view.setBigUint64(at + 8 + field * 8, BigInt(value), true);
  }
  view.setBigUint64(0x28, 0n, true);
  view.setUint16(0x3c, 0, true);
  view.setUint16(0x3e, 0, true);
  return made;
}

/** Where in the file the symbol `icudt<version>_dat` lies, when it is what ICU puts there: [start, end]. */
function findIcuData(program: Uint8Array, segments: readonly Segment[]): [number, number] | undefined {
  const all = sections(program);
  const symbols = all.find(({ type }) => type === dynamicSymbols);
  const strings = symbols && all[symbols.link];
  if (!symbols || !strings) return undefined;
  const view = dataView(program);
  for (let at = symbols.offset; at < symbols.offset + symbols.size; at += 24) {
    if (!/^icudt\d+_dat$/.test(textAt(program, strings.offset + view.getUint32(at, true)))) continue;
    const address = Number(view.getBigUint64(at + 8, true));
    const length = Number(view.getBigUint64(at + 16, true));
    const segment = segments.find(
      (each) =>
        each.type === loadSegment &&
        address >= each.address &&
        address + length <= each.address + each.fileLength,
    );
    if (!segment) return undefined;
    const start = segment.offset + address - segment.address;
    return isIcuData(program.subarray(start, start + length)) ? [start, start + length] : undefined;
  }
  return undefined;
}

function isKept(item: string): boolean {
  const [folder, file] = item.includes('/') ? (item.split('/') as [string, string]) : ['', item];
  if (['rbnf', 'translit'].includes(folder) || /\.(cnv|dict|lstm)$|_lstm|_cj\.brk$|^unames\.icu$/.test(file))
    return false;
  const locale = /^(?<language>[a-z]{2,3})(_.*)?\.res$/.exec(file)?.groups?.language;
  return locale === undefined || file === 'en.res' || file === 'en_US.res';
}

import { dataView, sections, textAt } from '../ironic/images/elf.ts';

const dynamicSymbols = 11;
const loadSegment = 1;

/**
 * Makes the node program smaller for a ramdisk that is fetched and unpacked at each boot; what it does stays the
 * same for a program that speaks English. It loses its symbols and section headers, which are never loaded, and of
 * its language data (ICU) all but English becomes zeros, which compress to nothing. That is the set of node's own
 * build option `small-icu`. What is not recognised is left alone.
 */
export function shrinkNode(program: Uint8Array): Uint8Array {
  // Not slice(): that of a Buffer is no copy.
  const shrunk = new Uint8Array(program);
  clearLanguages(shrunk);
  return stripSections(shrunk);
}

/** Ends the file where its last loaded byte is, and says that it has no sections (ELF header fields e_sh*). */
function stripSections(program: Uint8Array): Uint8Array {
  const view = dataView(program);
  const table = Number(view.getBigUint64(0x20, true));
  const size = view.getUint16(0x36, true);
  let end = 0;
  for (let index = 0; index < view.getUint16(0x38, true); index++) {
    const at = table + index * size;
    if (view.getUint32(at, true) !== loadSegment) continue;
    end = Math.max(end, Number(view.getBigUint64(at + 8, true) + view.getBigUint64(at + 32, true)));
  }
  view.setBigUint64(0x28, 0n, true);
  view.setUint16(0x3c, 0, true);
  view.setUint16(0x3e, 0, true);
  return program.subarray(0, end);
}

/** Zeroes the items of ICU's "common data" (ICU's udata: a header, then a table of names and offsets, sorted). */
function clearLanguages(program: Uint8Array): void {
  const data = findLanguageData(program);
  if (!data) return;
  const view = dataView(data);
  const table = view.getUint16(0, true);
  const count = view.getUint32(table, true);
  const entry = (index: number) => table + 4 + 8 * index;
  const startOf = (index: number) =>
    index < count ? table + view.getUint32(entry(index) + 4, true) : data.length;
  for (let index = 0; index < count; index++) {
    const name = textAt(data, table + view.getUint32(entry(index), true));
    if (!isKept(name.slice(name.indexOf('/') + 1))) data.fill(0, startOf(index), startOf(index + 1));
  }
}

/** The bytes of the symbol `icudt<version>_dat`, when they are what ICU 4 and later put there. */
function findLanguageData(program: Uint8Array): Uint8Array | undefined {
  const all = sections(program);
  const symbols = all.find(({ type }) => type === dynamicSymbols);
  const strings = symbols && all[symbols.link];
  if (!symbols || !strings) return undefined;
  const view = dataView(program);
  for (let at = symbols.offset; at < symbols.offset + symbols.size; at += 24) {
    if (!/^icudt\d+_dat$/.test(textAt(program, strings.offset + view.getUint32(at, true)))) continue;
    const offset = offsetInFile(program, view.getBigUint64(at + 8, true));
    if (offset === undefined) return undefined;
    const data = program.subarray(offset, offset + Number(view.getBigUint64(at + 16, true)));
    return new TextDecoder('latin1').decode(data.subarray(12, 16)) === 'CmnD' ? data : undefined;
  }
  return undefined;
}

function offsetInFile(program: Uint8Array, address: bigint): number | undefined {
  const view = dataView(program);
  const table = Number(view.getBigUint64(0x20, true));
  for (let index = 0; index < view.getUint16(0x38, true); index++) {
    const at = table + index * view.getUint16(0x36, true);
    if (view.getUint32(at, true) !== loadSegment) continue;
    const start = view.getBigUint64(at + 16, true);
    if (address >= start && address < start + view.getBigUint64(at + 32, true))
      return Number(view.getBigUint64(at + 8, true) + address - start);
  }
  return undefined;
}

/** @param item such as `curr/de_AT.res` or `ibm-970_P110.cnv` */
function isKept(item: string): boolean {
  const [folder, file] = item.includes('/') ? (item.split('/') as [string, string]) : ['', item];
  if (['brkitr', 'rbnf', 'translit'].includes(folder) || file.endsWith('.cnv') || file === 'unames.icu')
    return false;
  const locale = /^(?<language>[a-z]{2,3})(_.*)?\.res$/.exec(file)?.groups?.language;
  return locale === undefined || file === 'en.res' || file === 'en_US.res';
}

import { dataView, textAt } from '../ironic/images/elf.ts';

/**
 * ICU's "common data" (udata.h and ucmndata.h of ICU4C): a header, then a table of names and offsets, sorted by name,
 * then the items. Offsets count from the table.
 */

const itemAlignment = 16;

export function isIcuData(data: Uint8Array): boolean {
  return data.length > 32 && new TextDecoder('latin1').decode(data.subarray(12, 16)) === 'CmnD';
}

/**
 * The data with some items alone, as `icupkg --remove` makes it.
 *
 * @param isKept is given names such as `curr/de_AT.res` or `ibm-970_P110.cnv`
 */
export function keepIcuItems(data: Uint8Array, isKept: (name: string) => boolean): Uint8Array {
  const view = dataView(data);
  const table = view.getUint16(0, true);
  const count = view.getUint32(table, true);
  const field = (index: number, which: 0 | 4) => table + view.getUint32(table + 4 + 8 * index + which, true);
  const items = Array.from({ length: count }, (_, index) => ({
    name: textAt(data, field(index, 0)),
    content: data.subarray(field(index, 4), index + 1 < count ? field(index + 1, 4) : data.length),
  })).filter(({ name }) => isKept(name.slice(name.indexOf('/') + 1)));
  const names = items.map(({ name }) => new TextEncoder().encode(`${name}\0`));
  const namesStart = 4 + 8 * items.length;
  const itemsStart = aligned(namesStart + names.reduce((sum, { length }) => sum + length, 0));
  const end = items.reduce((sum, { content }) => sum + aligned(content.length), itemsStart);
  const kept = new Uint8Array(table + end);
  kept.set(data.subarray(0, table));
  const written = dataView(kept);
  written.setUint32(table, items.length, true);
  let [nameAt, itemAt] = [namesStart, itemsStart];
  for (const [index, { content }] of items.entries()) {
    const name = names[index] ?? new Uint8Array();
    written.setUint32(table + 4 + 8 * index, nameAt, true);
    written.setUint32(table + 8 + 8 * index, itemAt, true);
    kept.set(name, table + nameAt);
    kept.set(content, table + itemAt);
    nameAt += name.length;
    itemAt += aligned(content.length);
  }
  return kept;
}

function aligned(length: number): number {
  return Math.ceil(length / itemAlignment) * itemAlignment;
}

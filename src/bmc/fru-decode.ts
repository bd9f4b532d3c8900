/** FRU content as a client reads it (IPMI Platform Management FRU Information, v1.0). Pure. */

export interface FruField {
  readonly area: 'chassis' | 'board' | 'product';
  readonly name: string;
  readonly value: string;
}

/** Where each area's offset stands in the common header, how many bytes go before its fields, and their names. */
const areas = [
  { area: 'chassis', at: 2, head: 3, names: ['part number', 'serial number'] },
  {
    area: 'board',
    at: 3,
    head: 6,
    names: ['manufacturer', 'product', 'serial number', 'part number', 'FRU file'],
  },
  {
    area: 'product',
    at: 4,
    head: 3,
    names: ['manufacturer', 'product', 'part number', 'version', 'serial number', 'asset tag', 'FRU file'],
  },
] as const;

const endOfFields = 0xc1;
const plainText = 3;
const bcdPlus = '0123456789 -.';

/** The fields that say something. Areas that are absent or run over the end are left out. */
export function decodeFru(content: Buffer): FruField[] {
  if (content.length < 8 || (content.readUInt8(0) & 0x0f) !== 1) return [];
  return areas.flatMap(({ area, at, head, names }) => {
    const start = content.readUInt8(at) * 8;
    if (start === 0) return [];
    const fields: FruField[] = [];
    for (let position = start + head, index = 0; position < content.length; index += 1) {
      const form = content.readUInt8(position);
      if (form === endOfFields) break;
      const bytes = content.subarray(position + 1, position + 1 + (form & 0x3f));
      const value = text(form >> 6, bytes);
      if (value !== '') fields.push({ area, name: names[index] ?? `field ${index + 1}`, value });
      position += 1 + bytes.length;
    }
    return fields;
  });
}

function text(encoding: number, bytes: Buffer): string {
  if (encoding === plainText) return bytes.toString('latin1').trim();
  if (encoding === 1) {
    return [...bytes]
      .map((byte) => (bcdPlus[byte >> 4] ?? '?') + (bcdPlus[byte & 0x0f] ?? '?'))
      .join('')
      .trim();
  }
  if (encoding === 2) return sixBit(bytes).trim();
  return bytes.toString('hex');
}

/** Four characters of 6 bits in every three bytes, lowest bits first. */
function sixBit(bytes: Buffer): string {
  let characters = '';
  for (let bit = 0; bit + 6 <= bytes.length * 8; bit += 6) {
    const pair = (bytes[bit >> 3] ?? 0) | ((bytes[(bit >> 3) + 1] ?? 0) << 8);
    characters += String.fromCharCode(0x20 + ((pair >> (bit & 7)) & 0x3f));
  }
  return characters;
}

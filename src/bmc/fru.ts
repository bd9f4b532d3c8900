/** The content of a FRU: chassis, board and product areas (IPMI Platform Management FRU Information, v1.0). Pure. */

/** What the FRU tells of the machine. */
export interface MachineIdentity {
  readonly manufacturer: string;
  readonly product: string;
  readonly serial: string;
  readonly partNumber?: string;
  readonly assetTag?: string;
}

/** The size of the FRU's memory in bytes. */
export const fruSize = 1_024;

const longestField = 63;
const endOfFields = 0xc1;
const rackMount = 0x17;
const english = 0x19;

function field(text: string): Buffer {
  const bytes = Buffer.from(text, 'latin1').subarray(0, longestField);
  // A length of 1 in 8-bit text would read as the end of the fields.
  const stored = bytes.length === 1 ? Buffer.concat([bytes, Buffer.from(' ')]) : bytes;
  return Buffer.concat([Buffer.from([0xc0 | stored.length]), stored]);
}

/** An area of whole 8-byte units that ends with a checksum. */
function area(head: readonly number[], fields: readonly string[]): Buffer {
  const content = Buffer.concat([
    Buffer.from([1, 0, ...head]),
    ...fields.map(field),
    Buffer.from([endOfFields]),
  ]);
  const bytes = Buffer.alloc(Math.ceil((content.length + 1) / 8) * 8);
  content.copy(bytes);
  bytes[1] = bytes.length / 8;
  bytes[bytes.length - 1] = zeroSum(bytes);
  return bytes;
}

function zeroSum(bytes: Buffer): number {
  return -bytes.reduce((sum, byte) => sum + byte, 0) & 0xff;
}

/** The FRU content for a machine, without the unused rest of the memory. */
export function encodeFru(identity: MachineIdentity): Buffer {
  const { manufacturer, product, serial, partNumber = '', assetTag = '' } = identity;
  const chassis = area([rackMount], [partNumber, serial]);
  const board = area([english, 0, 0, 0], [manufacturer, product, serial, partNumber, '']);
  const goods = area([english], [manufacturer, product, partNumber, '', serial, assetTag, '']);
  const header = Buffer.alloc(8);
  const boardAt = 8 + chassis.length;
  header.set([1, 0, 1, boardAt / 8, (boardAt + board.length) / 8, 0, 0]);
  header[7] = zeroSum(header);
  return Buffer.concat([header, chassis, board, goods]);
}

import { uint16, uint32 } from './addresses.ts';

export const iscsiPort = 3260;

/** An iSCSI protocol data unit's header (RFC 7143, section 11). */
export interface IscsiPdu {
  readonly opcode: number;
  /** 'SCSI command', 'login request', ... */
  readonly name: string;
  /** To be executed at once, out of order. */
  readonly immediate: boolean;
  readonly initiatorTaskTag: number;
  /** Bytes of the data segment. */
  readonly dataLength: number;
  /** SCSI command: first byte of the command descriptor block (0x28 read, 0x2a write). */
  readonly scsiOpcode?: number;
  readonly lun?: number;
  /** SCSI response. */
  readonly scsiStatus?: number;
  readonly login?: IscsiLogin;
  /** Keys of a login or text PDU, as sent. */
  readonly text?: Readonly<Record<string, string>>;
}

export interface IscsiLogin {
  /** 0 security, 1 operational, 3 full feature. */
  readonly currentStage: number;
  readonly nextStage: number;
  readonly transit: boolean;
  /** Response only: class and detail, 0 for success. */
  readonly status?: number;
}

const names: Readonly<Record<number, string>> = {
  0: 'NOP-out',
  1: 'SCSI command',
  2: 'task management request',
  3: 'login request',
  4: 'text request',
  5: 'data-out',
  6: 'logout request',
  16: 'SNACK request',
  32: 'NOP-in',
  33: 'SCSI response',
  34: 'task management response',
  35: 'login response',
  36: 'text response',
  37: 'data-in',
  38: 'logout response',
  49: 'ready to transfer',
  50: 'async message',
  63: 'reject',
};

const opcodes = { command: 0x01, loginRequest: 0x03, response: 0x21, loginResponse: 0x23 } as const;
const textOpcodes: ReadonlySet<number> = new Set([0x03, 0x04, 0x23, 0x24]);

const headerLength = 48;
const longestText = 16 * 1024;

/** Finds the PDUs in one direction of an iSCSI connection without digests; their data is skipped. */
export class IscsiParser {
  /** The header being collected, with its text data. */
  private pending: Uint8Array = new Uint8Array(0);
  /** Bytes of data still to be skipped. */
  private skip = 0;

  feed(bytes: Uint8Array, found: IscsiPdu[]): boolean {
    let rest = bytes;
    for (;;) {
      const skipped = Math.min(this.skip, rest.length);
      this.skip -= skipped;
      rest = rest.subarray(skipped);
      if (rest.length === 0) return true;
      const needed = this.needed();
      const taken = rest.subarray(0, needed - this.pending.length);
      this.pending = Buffer.concat([this.pending, taken]);
      rest = rest.subarray(taken.length);
      if (this.pending.length < this.needed()) continue;
      if (!(((this.pending[0] as number) & 0x3f) in names)) return false;
      found.push(readPdu(this.pending));
      this.skip = pduLength(this.pending) - this.pending.length;
      this.pending = new Uint8Array(0);
    }
  }

  /** Bytes to collect before the PDU can be read. */
  private needed(): number {
    const { pending } = this;
    if (pending.length < headerLength) return headerLength;
    return hasText(pending) ? pduLength(pending) : headerLength;
  }
}

function hasText(header: Uint8Array): boolean {
  return textOpcodes.has((header[0] as number) & 0x3f) && dataLength(header) <= longestText;
}

function dataLength(header: Uint8Array): number {
  return uint32(header, 4) & 0xff_ffff;
}

/** Header, additional header segments, data padded to words. */
function pduLength(header: Uint8Array): number {
  return headerLength + 4 * (header[4] as number) + ((dataLength(header) + 3) & ~3);
}

function readPdu(bytes: Uint8Array): IscsiPdu {
  const opcode = (bytes[0] as number) & 0x3f;
  const text = hasText(bytes) ? readText(bytes) : undefined;
  return {
    opcode,
    name: names[opcode] ?? '',
    immediate: ((bytes[0] as number) & 0x40) !== 0,
    initiatorTaskTag: uint32(bytes, 16),
    dataLength: dataLength(bytes),
    ...(opcode === opcodes.command
      ? { scsiOpcode: bytes[32] as number, lun: uint16(bytes, 8) & 0x3fff }
      : {}),
    ...(opcode === opcodes.response ? { scsiStatus: bytes[3] as number } : {}),
    ...(opcode === opcodes.loginRequest || opcode === opcodes.loginResponse
      ? { login: readLogin(bytes) }
      : {}),
    ...(text ? { text } : {}),
  };
}

function readLogin(bytes: Uint8Array): IscsiLogin {
  const flags = bytes[1] as number;
  const isResponse = ((bytes[0] as number) & 0x3f) === opcodes.loginResponse;
  return {
    currentStage: (flags >> 2) & 3,
    nextStage: flags & 3,
    transit: (flags & 0x80) !== 0,
    ...(isResponse ? { status: uint16(bytes, 36) } : {}),
  };
}

function readText(bytes: Uint8Array): Record<string, string> {
  const start = headerLength + 4 * (bytes[4] as number);
  const pairs = new TextDecoder().decode(bytes.subarray(start, start + dataLength(bytes))).split('\0');
  return Object.fromEntries(
    pairs
      .filter((pair) => pair.includes('='))
      .map((pair) => [pair.split('=', 1)[0], pair.replace(/^[^=]*=/, '')]),
  );
}

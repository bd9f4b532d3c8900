import { uint16 } from './addresses.ts';
import { applications, type Dissection } from './dissection.ts';

export const tftpPort = 69;

/** TFTP opcodes (RFC 1350, RFC 2347). */
export const tftpOpcodes = { rrq: 1, wrq: 2, data: 3, ack: 4, error: 5, oack: 6 } as const;

/** A TFTP message (RFC 1350, options RFC 2347). */
export interface Tftp {
  readonly opcode: number;
  /** RRQ and WRQ. */
  readonly file?: string;
  readonly mode?: string;
  /** RRQ, WRQ and OACK; names in lower case. */
  readonly options?: Readonly<Record<string, string>>;
  /** DATA and ACK. */
  readonly block?: number;
  /** Bytes of a DATA message. */
  readonly length?: number;
  /** ERROR. */
  readonly errorCode?: number;
  readonly errorMessage?: string;
}

export function dissectTftp(d: Dissection): boolean {
  const { upper, payloadAt: at, payloadEnd: end } = d;
  if (end - at < 2) return d.fail('tftp: the opcode is cut short');
  d.application = applications.tftp;
  d.tftpOpcode = uint16(upper, at);
  if (d.tftpOpcode === tftpOpcodes.rrq || d.tftpOpcode === tftpOpcodes.wrq) {
    d.fileAt = at + 2;
    d.fileEnd = textEnd(upper, at + 2, end);
    if (d.fileEnd === end) return d.fail('tftp: the file name does not end');
  } else if (d.tftpOpcode >= tftpOpcodes.data && d.tftpOpcode <= tftpOpcodes.error && end - at < 4) {
    return d.fail('tftp: the message is cut short');
  }
  return true;
}

export function readTftp(d: Dissection): Tftp {
  const { upper, payloadAt: at, payloadEnd: end, tftpOpcode: opcode } = d;
  switch (opcode) {
    case tftpOpcodes.rrq:
    case tftpOpcodes.wrq: {
      const [file = '', mode = '', ...options] = texts(upper, at + 2, end);
      return { opcode, file, mode: mode.toLowerCase(), options: pairs(options) };
    }
    case tftpOpcodes.oack:
      return { opcode, options: pairs(texts(upper, at + 2, end)) };
    case tftpOpcodes.data:
      if (end - at < 4) return { opcode };
      return { opcode, block: uint16(upper, at + 2), length: end - at - 4 };
    case tftpOpcodes.ack:
      if (end - at < 4) return { opcode };
      return { opcode, block: uint16(upper, at + 2) };
    case tftpOpcodes.error: {
      if (end - at < 4) return { opcode };
      const [errorMessage = ''] = texts(upper, at + 4, end);
      return { opcode, errorCode: uint16(upper, at + 2), errorMessage };
    }
    default:
      return { opcode };
  }
}

function textEnd(bytes: Uint8Array, start: number, end: number): number {
  let at = start;
  while (at < end && bytes[at] !== 0) at++;
  return at;
}

function texts(bytes: Uint8Array, start: number, end: number): string[] {
  const found: string[] = [];
  for (let at = start; at < end; ) {
    const stop = textEnd(bytes, at, end);
    found.push(new TextDecoder().decode(bytes.subarray(at, stop)));
    at = stop + 1;
  }
  return found;
}

function pairs(texts: readonly string[]): Record<string, string> {
  const options: Record<string, string> = {};
  for (let i = 0; i + 1 < texts.length; i += 2) {
    options[(texts[i] as string).toLowerCase()] = texts[i + 1] as string;
  }
  return options;
}

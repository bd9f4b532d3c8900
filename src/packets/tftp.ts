import { uint16 } from './addresses.ts';
import { applications, type Dissection } from './dissection.ts';

export const tftpPort = 69;

/** TFTP opcodes (RFC 1350, RFC 2347). */
export const tftpOpcodes = { rrq: 1, wrq: 2, data: 3, ack: 4, error: 5, oack: 6 } as const;

/** A TFTP message (RFC 1350, options RFC 2347). */
export interface Tftp {
  readonly opcode: number;
  /** Asked for by an RRQ or WRQ; in other messages that of their transfer, when its request was seen. */
  readonly file?: string;
  /** RRQ and WRQ: 'octet' or 'netascii'. */
  readonly mode?: string;
  /** RRQ, WRQ and OACK; names in lower case. */
  readonly options?: Readonly<Record<string, string>>;
  /** DATA and ACK. */
  readonly block?: number;
  /** Bytes of data on the wire in a DATA message. */
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
    const stop = textEnd(upper, at + 2, end);
    if (stop < 0) return d.fail('tftp: the file name does not end');
    d.fileAt = at + 2;
    d.fileEnd = stop;
    if (textEnd(upper, stop + 1, end) < 0) return d.fail('tftp: the mode does not end');
  } else if (d.tftpOpcode >= tftpOpcodes.data && d.tftpOpcode <= tftpOpcodes.error && end - at < 4) {
    return d.fail('tftp: the message is cut short');
  }
  return true;
}

const modes: readonly string[] = ['octet', 'netascii', 'mail'];

/** Whether the datagram is a request in every detail: opcode, printable file name, one of the three modes. */
export function looksLikeTftpRequest({ upper, payloadAt: at, payloadEnd: end }: Dissection): boolean {
  if (
    end - at < 4 ||
    upper[at] !== 0 ||
    (upper[at + 1] !== tftpOpcodes.rrq && upper[at + 1] !== tftpOpcodes.wrq)
  ) {
    return false;
  }
  const stop = textEnd(upper, at + 2, end);
  const modeEnd = stop < 0 ? -1 : textEnd(upper, stop + 1, end);
  if (modeEnd < 0 || stop === at + 2) return false;
  for (let i = at + 2; i < stop; i++)
    if ((upper[i] as number) < 0x20 || (upper[i] as number) > 0x7e) return false;
  return modes.includes(text(upper, stop + 1, modeEnd).toLowerCase());
}

export function readTftp(d: Dissection): Tftp {
  const { upper, payloadAt: at, payloadEnd: end, tftpOpcode: opcode } = d;
  const file = d.tftpTransfer?.file;
  const message: Writable<Tftp> = file ? { opcode, file } : { opcode };
  switch (opcode) {
    case tftpOpcodes.rrq:
    case tftpOpcodes.wrq: {
      const [asked, mode, ...options] = texts(upper, at + 2, end);
      if (asked !== undefined) message.file = asked;
      if (mode !== undefined) {
        message.mode = mode.toLowerCase();
        message.options = pairs(options);
      }
      break;
    }
    case tftpOpcodes.oack:
      message.options = pairs(texts(upper, at + 2, end));
      break;
    case tftpOpcodes.data:
    case tftpOpcodes.ack:
      if (end - at < 4) break;
      message.block = uint16(upper, at + 2);
      if (opcode === tftpOpcodes.data) message.length = end - at - 4 + d.missing;
      break;
    case tftpOpcodes.error: {
      if (end - at < 4) break;
      const stop = textEnd(upper, at + 4, end);
      message.errorCode = uint16(upper, at + 2);
      message.errorMessage = text(upper, at + 4, stop < 0 ? end : stop);
      break;
    }
  }
  return message;
}

type Writable<T> = { -readonly [K in keyof T]: T[K] };

/** Offset of the zero byte that ends the text at `start`; -1 without one. */
function textEnd(bytes: Uint8Array, start: number, end: number): number {
  for (let at = start; at < end; at++) if (bytes[at] === 0) return at;
  return -1;
}

function text(bytes: Uint8Array, start: number, end: number): string {
  return new TextDecoder().decode(bytes.subarray(start, end));
}

/** The texts that are ended by a zero byte. */
function texts(bytes: Uint8Array, start: number, end: number): string[] {
  const found: string[] = [];
  for (let at = start, stop = textEnd(bytes, at, end); stop >= 0; stop = textEnd(bytes, at, end)) {
    found.push(text(bytes, at, stop));
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

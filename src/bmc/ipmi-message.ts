/**
 * The IPMI message inside a LAN packet: addresses, network function, command, two checksums (IPMI 2.0 section
 * 13.8). Pure: bytes in, values out.
 */

/** A BMC's own address on the IPMB. */
export const bmcAddress = 0x20;
/** The address a remote console uses for itself. */
export const consoleAddress = 0x81;

/** Network functions of requests; a response's is one higher (IPMI 2.0 table 5-1). */
export const netFn = {
  chassis: 0x00,
  sensorEvent: 0x04,
  app: 0x06,
  storage: 0x0a,
  transport: 0x0c,
} as const;

export interface IpmiRequest {
  readonly responder: number;
  readonly netFn: number;
  readonly responderLun: number;
  readonly requester: number;
  readonly requesterLun: number;
  /** 0-63; the same number for a retransmission. */
  readonly sequence: number;
  readonly command: number;
  readonly data: Buffer;
}

export interface IpmiResponse {
  readonly netFn: number;
  readonly sequence: number;
  readonly command: number;
  readonly completion: number;
  readonly data: Buffer;
}

const emptyRequestLength = 7;
const emptyResponseLength = 8;

function checksum(bytes: Uint8Array): number {
  let sum = 0;
  for (const byte of bytes) sum += byte;
  return -sum & 0xff;
}

function frame(header: readonly [number, number], rest: Buffer): Buffer {
  const first = Buffer.from(header);
  return Buffer.concat([first, Buffer.from([checksum(first)]), rest, Buffer.from([checksum(rest)])]);
}

function intact(message: Buffer, shortest: number): boolean {
  return (
    message.length >= shortest &&
    checksum(message.subarray(0, 3)) === 0 &&
    checksum(message.subarray(3)) === 0
  );
}

/** The bytes of a request. */
export function encodeRequest(request: IpmiRequest): Buffer {
  return frame(
    [request.responder, (request.netFn << 2) | request.responderLun],
    Buffer.concat([
      Buffer.from([request.requester, (request.sequence << 2) | request.requesterLun, request.command]),
      request.data,
    ]),
  );
}

/** The request in `message`; undefined when a checksum is wrong, it is too short, or it is a response. */
export function decodeRequest(message: Buffer): IpmiRequest | undefined {
  if (!intact(message, emptyRequestLength)) return undefined;
  const functionAndLun = message.readUInt8(1);
  if ((functionAndLun >> 2) & 1) return undefined;
  const sequenceAndLun = message.readUInt8(4);
  return {
    responder: message.readUInt8(0),
    netFn: functionAndLun >> 2,
    responderLun: functionAndLun & 3,
    requester: message.readUInt8(3),
    requesterLun: sequenceAndLun & 3,
    sequence: sequenceAndLun >> 2,
    command: message.readUInt8(5),
    data: message.subarray(6, -1),
  };
}

/** The bytes of the response to `request`. */
export function encodeResponse(request: IpmiRequest, completion: number, data: Uint8Array): Buffer {
  return frame(
    [request.requester, ((request.netFn | 1) << 2) | request.requesterLun],
    Buffer.concat([
      Buffer.from([
        request.responder,
        (request.sequence << 2) | request.responderLun,
        request.command,
        completion,
      ]),
      data,
    ]),
  );
}

/** The response in `message`; undefined when a checksum is wrong, it is too short, or it is a request. */
export function decodeResponse(message: Buffer): IpmiResponse | undefined {
  if (!intact(message, emptyResponseLength)) return undefined;
  const fn = message.readUInt8(1) >> 2;
  if (!(fn & 1)) return undefined;
  return {
    netFn: fn & ~1,
    sequence: message.readUInt8(4) >> 2,
    command: message.readUInt8(5),
    completion: message.readUInt8(6),
    data: message.subarray(7, -1),
  };
}

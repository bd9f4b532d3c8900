/** Completion codes of IPMI 2.0 table 5-2, and how a command handler answers. */
export const completion = {
  ok: 0x00,
  invalidCommand: 0xc1,
  invalidForLun: 0xc2,
  outOfSpace: 0xc4,
  reservationCanceled: 0xc5,
  lengthInvalid: 0xc7,
  outOfRange: 0xc9,
  notPresent: 0xcb,
  invalidField: 0xcc,
  insufficientPrivilege: 0xd4,
  notInPresentState: 0xd5,
  unspecified: 0xff,
} as const;

/** A command's answer: a completion code and the bytes after it. */
export interface Reply {
  readonly completion: number;
  readonly data: Buffer;
}

const nothing = Buffer.alloc(0);

/** Success, with these bytes. */
export function ok(data: Uint8Array | readonly number[] = nothing): Reply {
  return { completion: completion.ok, data: Buffer.from(data) };
}

/** Failure with this completion code. */
export function fail(code: number): Reply {
  return { completion: code, data: nothing };
}

const words = new Map<number, string>([
  [0xc0, 'the BMC is busy'],
  [0xc1, 'the BMC does not know this command'],
  [0xc2, 'the BMC does not know this command for that LUN'],
  [0xc3, 'the BMC gave up waiting for something'],
  [0xc4, 'the BMC is out of space'],
  [0xc5, 'the reservation was cancelled'],
  [0xc7, 'the request has a wrong length'],
  [0xc9, 'a parameter is out of range'],
  [0xca, 'the BMC cannot answer that many bytes'],
  [0xcb, 'the sensor, record or data asked for does not exist'],
  [0xcc, 'a field of the request is invalid'],
  [0xd3, 'the destination cannot be reached'],
  [0xd4, 'the privilege level is too low'],
  [0xd5, 'the command cannot be carried out in the present state'],
  [0xd6, 'the command is disabled'],
  [0xff, 'the BMC failed to carry it out'],
]);

/** A completion code in words. */
export function completionWords(code: number): string {
  return words.get(code) ?? `completion code 0x${code.toString(16).padStart(2, '0')}`;
}

/** The payload of serial over LAN (IPMI 2.0 section 15.9, tables 15-2 and 15-3). Pure. */

/** What the console asks for with a packet. */
export const solOperation = {
  nack: 0x40,
  generateBreak: 0x10,
  pause: 0x08,
  flushOutbound: 0x01,
} as const;

/** What a BMC reports in the same place. */
export const solStatus = { deactivated: 0x10, overrun: 0x08 } as const;

export interface SolPacket {
  /** 1-15; 0: nothing in it needs an acknowledgement. */
  readonly sequence: number;
  /** The packet that is acknowledged; 0: none. */
  readonly acknowledges: number;
  /** How many characters of that packet were taken. */
  readonly accepted: number;
  readonly flags: number;
  readonly characters: Buffer;
}

/** The bytes before the characters. */
export const solHeaderLength = 4;

export function encodeSol(packet: SolPacket): Buffer {
  return Buffer.concat([
    Buffer.from([packet.sequence, packet.acknowledges, packet.accepted, packet.flags]),
    packet.characters,
  ]);
}

export function decodeSol(payload: Buffer): SolPacket | undefined {
  if (payload.length < solHeaderLength) return undefined;
  return {
    sequence: payload.readUInt8(0) & 0x0f,
    acknowledges: payload.readUInt8(1) & 0x0f,
    accepted: payload.readUInt8(2),
    flags: payload.readUInt8(3),
    characters: payload.subarray(solHeaderLength),
  };
}

import { tftpOpcodes } from '../packets/tftp.ts';
import type { SeenFrame } from './journey.ts';

/** A file as it passed a point by TFTP (RFC 1350). */
export interface TftpContent {
  /** The data of blocks 1, 2, … as far as they follow each other. */
  readonly bytes: Uint8Array;
  /** A frame for each of these blocks. */
  readonly blocks: readonly SeenFrame[];
  /** The last block is shorter than the first (or empty), which ends the file. */
  readonly ended: boolean;
  /** The acknowledgement of the last block. */
  readonly acknowledged: SeenFrame | undefined;
}

/** Puts a file together from the frames of one point, in their order. */
export function tftpContent(frames: readonly SeenFrame[], file: string): TftpContent {
  const of = (opcode: number) =>
    frames.filter(({ decoded }) => decoded.tftp?.opcode === opcode && decoded.tftp.file === file);
  const data = of(tftpOpcodes.data);
  const blocks: SeenFrame[] = [];
  // A block that was sent again is not another block; numbers start again at 0 after 65535.
  for (const frame of data) {
    if (frame.decoded.tftp?.block === (blocks.length + 1) % 65_536) blocks.push(frame);
  }
  const contents = blocks.map(blockContent);
  const last = blocks.at(-1);
  return {
    bytes: Buffer.concat(contents),
    blocks,
    ended: last !== undefined && (contents.at(-1)?.length ?? 0) < blockSize(frames, file),
    acknowledged: of(tftpOpcodes.ack).findLast(
      ({ decoded, time }) => last && time > last.time && decoded.tftp?.block === last.decoded.tftp?.block,
    ),
  };
}

/** 512 bytes, or what client and server agreed on (RFC 2348). */
function blockSize(frames: readonly SeenFrame[], file: string): number {
  const agreed = frames.find(
    ({ decoded }) => decoded.tftp?.opcode === tftpOpcodes.oack && decoded.tftp.file === file,
  );
  return Number(agreed?.decoded.tftp?.options?.blksize ?? 512);
}

/** What follows opcode and block number; a frame may be padded behind it. */
function blockContent({ bytes, decoded }: SeenFrame): Uint8Array {
  const ipAt = 14 + 4 * decoded.vlans.length;
  const dataAt = ipAt + 4 * ((bytes[ipAt] ?? 0) & 0x0f) + 8 + 4;
  return bytes.subarray(dataAt, dataAt + (decoded.tftp?.length ?? 0));
}

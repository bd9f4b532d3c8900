import type { CommandContext } from '../bmc-parts.ts';
import { completion, fail, type Reply } from '../completion.ts';

/** How one command is answered. */
export interface Command {
  /** The lowest privilege level that may give it (IPMI 2.0 appendix G). */
  readonly privilege: number;
  /** The bytes of request data: exactly so many, or from so many to so many. */
  readonly length: number | readonly [least: number, most: number];
  /** Doing it twice is not the same as once: a retransmission gets the first answer again. */
  readonly once?: true;
  run(data: Buffer, context: CommandContext): Reply | Promise<Reply>;
}

/** The commands of one network function, by their number. */
export type CommandTable = Readonly<Record<number, Command>>;

/** Whether the data is as long as the command wants it. */
export function fits(command: Command, data: Buffer): boolean {
  const [least, most] =
    typeof command.length === 'number' ? [command.length, command.length] : command.length;
  return data.length >= least && data.length <= most;
}

/** Little-endian bytes of a number, as IPMI stores all its numbers. */
export function uint(value: number, bytes: number): number[] {
  return Array.from({ length: bytes }, (_, index) => Math.floor(value / 256 ** index) & 0xff);
}

/**
 * A part of a record, as Get SEL Entry and Get SDR answer it: the id of the next record, then `count` bytes from
 * `offset` on (0xFF: all that are left).
 */
export function recordPart(record: Buffer, next: number, offset: number, count: number): Reply {
  if (offset >= record.length) return fail(completion.outOfRange);
  const part = record.subarray(offset, count === 0xff ? record.length : offset + count);
  return { completion: completion.ok, data: Buffer.concat([Buffer.from(uint(next, 2)), part]) };
}

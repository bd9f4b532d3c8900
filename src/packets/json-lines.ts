import { decoded } from './decode.ts';
import type { Dissection } from './dissection.ts';
import type { RecordCursor } from './record.ts';

const firstCapacity = 1 << 20;
/** UTF-8 needs at most this many bytes for a unit of a JavaScript string. */
const bytesPerUnit = 3;
const comma = 0x2c;
const newline = 0x0a;

/**
 * Frames as lines of JSON: `{file, number, time, length, vlans, eth, …, error?}`, with the layers as `DecodedFrame`
 * has them. `time` is in seconds since the epoch with nine decimals, which are exact for readers that do not round
 * numbers to 53 bits. The lines are collected in one buffer: text of this amount is costly to put together.
 */
export class JsonLines {
  private readonly file: string;
  private buffer = Buffer.allocUnsafe(firstCapacity);
  private length = 0;

  constructor(file: string) {
    this.file = JSON.stringify(file);
  }

  add(record: RecordCursor, layers: Dissection): void {
    const head = this.head(record);
    const body = JSON.stringify(decoded(layers));
    this.makeRoom((head.length + body.length) * bytesPerUnit + 1);
    this.length += this.buffer.write(head, this.length);
    const joint = this.length;
    this.length += this.buffer.write(body, joint);
    // The body's opening brace becomes what joins the two.
    this.buffer[joint] = comma;
    this.buffer[this.length++] = newline;
  }

  /** The lines since the last call; valid until the next `add`. */
  take(): Uint8Array {
    const lines = this.buffer.subarray(0, this.length);
    this.length = 0;
    return lines;
  }

  /** The frame's own fields, without the closing brace. */
  private head(record: RecordCursor): string {
    const { name } = record.interface;
    const comment = record.comment();
    const head = `{"file":${this.file},"number":${record.number},"time":${seconds(record.time())},"length":${record.length}`;
    if (name === undefined && comment === undefined) return head;
    const point = name === undefined ? '' : `,"interface":${JSON.stringify(name)}`;
    return `${head}${point}${comment === undefined ? '' : `,"comment":${JSON.stringify(comment)}`}`;
  }

  private makeRoom(length: number): void {
    if (this.length + length <= this.buffer.length) return;
    const larger = Buffer.allocUnsafe(2 * (this.length + length));
    larger.set(this.buffer.subarray(0, this.length));
    this.buffer = larger;
  }
}

function seconds(time: bigint): string {
  if (time < 0n) return `-${seconds(-time)}`;
  const digits = time.toString().padStart(10, '0');
  return `${digits.slice(0, -9)}.${digits.slice(-9)}`;
}

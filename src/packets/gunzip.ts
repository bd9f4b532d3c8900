import { createGunzip, type Gunzip } from 'node:zlib';
import { CaptureError } from './frame.ts';

/** Bytes given to the decompressor at once: deflate grows them at most 1032-fold, which bounds the memory. */
const sliceLength = 16 * 1024;
/** What the decompressor has produced of a damaged stretch is lost up to this many bytes. */
const outputLength = 32 * 1024;

/**
 * The stream itself, or what it decompresses to when it starts like a gzip file (RFC 1952).
 *
 * @throws CaptureError when the compressed data is damaged or cut short, after everything before was delivered
 */
export async function* gunzipped(source: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const chunks = source[Symbol.asyncIterator]();
  try {
    let head: Uint8Array = new Uint8Array(0);
    while (head.length < 2) {
      const { value, done } = await chunks.next();
      if (done) break;
      head = head.length === 0 ? value : Buffer.concat([head, value]);
    }
    const rest = { [Symbol.asyncIterator]: () => ({ next: () => chunks.next() }) };
    if (head[0] === 0x1f && head[1] === 0x8b) {
      yield* inflated(head, rest);
      return;
    }
    if (head.length > 0) yield head;
    yield* rest;
  } finally {
    await chunks.return?.();
  }
}

async function* inflated(head: Uint8Array, rest: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const inflater = new Inflater();
  try {
    yield* inflater.inflate(head);
    for await (const chunk of rest) yield* inflater.inflate(chunk);
    yield* inflater.finish();
  } finally {
    inflater.close();
  }
}

/** zlib driven step by step: a pipe would drop what it has buffered when the data turns out to be damaged. */
class Inflater {
  private readonly gunzip: Gunzip = createGunzip({ chunkSize: outputLength });
  private output: Uint8Array[] = [];
  private delivered = 0;
  private failure: Error | undefined;
  private wake: () => void = () => {};

  constructor() {
    this.gunzip.on('data', (chunk: Uint8Array) => this.output.push(chunk));
    this.gunzip.on('end', () => this.wake());
    this.gunzip.on('error', (error) => {
      this.failure ??= error;
      this.wake();
    });
  }

  async *inflate(chunk: Uint8Array): AsyncGenerator<Uint8Array> {
    for (let at = 0; at < chunk.length; at += sliceLength) {
      await this.step(() => this.gunzip.write(chunk.subarray(at, at + sliceLength), () => this.wake()));
      // Pushed chunks may still be on their way to 'data'; an error in the next step would drop them.
      while (this.gunzip.readableLength > 0 && !this.failure) {
        await new Promise((resolve) => setImmediate(resolve));
      }
      yield* this.deliver();
    }
  }

  async *finish(): AsyncGenerator<Uint8Array> {
    await this.step(() => this.gunzip.end());
    yield* this.deliver();
  }

  close(): void {
    this.gunzip.destroy();
  }

  private step(start: () => void): Promise<void> {
    return new Promise((resolve) => {
      this.wake = resolve;
      start();
    });
  }

  private *deliver(): Generator<Uint8Array> {
    const chunks = this.output;
    this.output = [];
    for (const chunk of chunks) {
      this.delivered += chunk.length;
      yield chunk;
    }
    if (this.failure) {
      const what = `the gzip data is damaged or cut short: ${this.failure.message}`;
      throw new CaptureError(this.delivered, what, { cause: this.failure });
    }
  }
}

const firstCapacity = 1 << 20;

/**
 * The part of a file that is being parsed: bytes arrive at the end by {@link append}, the parser moves
 * `position` over them. What is not yet consumed stays contiguous.
 */
export class Window {
  bytes: Uint8Array = new Uint8Array(0);
  /** Next byte to parse. */
  position = 0;
  /** End of the bytes that have arrived. */
  end = 0;
  /** No more bytes will come. */
  ended = false;
  /** Offset in the file of `bytes[0]`. */
  private base = 0;
  private readonly stable: boolean;

  /** @param options.stable never move or overwrite bytes, so that views of them may be kept */
  constructor(options: { stable: boolean }) {
    this.stable = options.stable;
  }

  get available(): number {
    return this.end - this.position;
  }

  /** Offset in the file of the next byte to parse. */
  get offset(): number {
    return this.base + this.position;
  }

  append(chunk: Uint8Array): void {
    if (this.end + chunk.length > this.bytes.length) this.makeRoom(chunk.length);
    this.bytes.set(chunk, this.end);
    this.end += chunk.length;
  }

  private makeRoom(length: number): void {
    const rest = this.available;
    const inPlace = !this.stable && rest + length <= this.bytes.length;
    const to = inPlace ? this.bytes : new Uint8Array(Math.max(firstCapacity, 2 * rest + length));
    to.set(this.bytes.subarray(this.position, this.end));
    this.bytes = to;
    this.base += this.position;
    this.position = 0;
    this.end = rest;
  }
}

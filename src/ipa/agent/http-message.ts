export interface ResponseHead {
  readonly status: number;
  /** By name in small letters; of a name given twice the last counts. */
  readonly headers: ReadonlyMap<string, string>;
}

/** @param text the head without the empty line at its end (RFC 9112, section 2.1) */
export function parseHead(text: string): ResponseHead {
  const [statusLine = '', ...fields] = text.split('\r\n');
  const status = /^HTTP\/1\.[01] (\d{3})/.exec(statusLine)?.[1];
  if (!status) throw new Error(`what the server answers is no HTTP: ${statusLine.slice(0, 80)}`);
  const headers = fields.map((field): [string, string] => {
    const at = field.indexOf(':');
    return [field.slice(0, at).toLowerCase(), field.slice(at + 1).trim()];
  });
  return { status: Number(status), headers: new Map(headers) };
}

/** Takes the chunked transfer coding off a body (RFC 9112, section 7.1). */
export class Dechunker {
  isComplete = false;
  /** Bytes of the current chunk that are still to come, and its line end. */
  private left = 0;
  private line = '';
  private isAfterData = false;

  *take(piece: Buffer): Generator<Buffer> {
    for (let at = 0; at < piece.length && !this.isComplete; ) {
      if (this.left > 0) {
        const data = piece.subarray(at, at + this.left);
        this.left -= data.length;
        at += data.length;
        this.isAfterData = this.left === 0;
        yield data;
        continue;
      }
      const end = piece.indexOf(0x0a, at);
      this.line += piece.toString('latin1', at, end < 0 ? piece.length : end);
      at = end < 0 ? piece.length : end + 1;
      if (end >= 0) this.endLine();
    }
  }

  private endLine(): void {
    const line = this.line.trim();
    this.line = '';
    if (this.isAfterData) {
      this.isAfterData = false;
      return;
    }
    const size = /^([0-9a-f]{1,12})\s*(;|$)/i.exec(line)?.[1];
    if (size === undefined) throw new Error(`a chunk's size is ${line.slice(0, 40)}`);
    this.left = Number.parseInt(size, 16);
    this.isComplete = this.left === 0;
  }
}

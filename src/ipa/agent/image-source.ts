import { AgentError, asAgentError } from './errors.ts';
import { openStream, type StreamResponse } from './http-stream.ts';
import { log } from './log.ts';

const idleMs = 60_000;
/** How often a server is looked for whose connection was lost, and the first pause, which doubles: 16 s in all. */
const mostResumptions = 6;
const firstPauseMs = 250;

/** What is asked for at first, in bytes: qemu-img puts a qcow2 image's tables there, and each question takes a while. */
const startLength = 512 * 1024;

export interface Range {
  readonly offset: number;
  readonly length: number;
}

/** An image on an HTTP server, read in pieces or from its start to its end. */
export class ImageSource {
  readonly url: string;
  private readonly insecure: boolean;
  private readonly id: string;
  private start: Buffer | undefined;

  constructor(id: string, url: string, insecure: boolean) {
    this.id = id;
    this.url = url;
    this.insecure = insecure;
  }

  /**
   * The whole image as it arrives. A piece is valid until the next is asked for. A connection that is lost is taken up
   * at the byte where it was (RFC 9110, section 14.2), if the server can tell that the image is still the same.
   *
   * @returns its size in bytes where the server tells it
   * @throws AgentError ImageDownloadError
   */
  async open(): Promise<{ readonly size: number | undefined; readonly body: AsyncIterable<Buffer> }> {
    const response = await this.get({});
    if (response.status !== 200) throw this.refused(response);
    return { size: response.length, body: this.resuming(response) };
  }

  /**
   * Pieces of the image, of whose start more is read than the first piece.
   *
   * @param ranges sorted by offset, not overlapping
   * @returns as many; the image's end may cut them short
   */
  async read(ranges: readonly Range[]): Promise<Buffer[]> {
    this.start ??= (await this.fetch([{ offset: 0, length: startLength }]))[0] ?? Buffer.alloc(0);
    const { start } = this;
    const isIn = ({ offset, length }: Range) => start.length < startLength || offset + length <= start.length;
    const others = (await this.fetch(ranges.filter((range) => !isIn(range)))).values();
    return ranges.map((range) =>
      isIn(range)
        ? start.subarray(range.offset, range.offset + range.length)
        : (others.next().value ?? Buffer.alloc(0)),
    );
  }

  /**
   * Asks for pieces of the image. A server that knows no ranges (RFC 9110, section 14.2) sends all of it; then the
   * pieces are taken from one pass, which ends after the last of them.
   */
  private async fetch(ranges: readonly Range[]): Promise<Buffer[]> {
    const pieces: Buffer[] = [];
    for (const [index, { offset, length }] of ranges.entries()) {
      const response = await this.get({ Range: `bytes=${offset}-${offset + length - 1}` });
      if (response.status === 200) {
        return [...pieces, ...(await pickFromStream(this.watched(response), ranges.slice(index)))];
      }
      if (response.status === 416) pieces.push(Buffer.alloc(0));
      else if (response.status !== 206) throw this.refused(response);
      else pieces.push(await collect(this.watched(response)));
    }
    return pieces;
  }

  private async *resuming(first: StreamResponse): AsyncGenerator<Buffer> {
    const sameImage = validatorOf(first);
    let received = 0;
    for (let response = first; ; ) {
      const before = received;
      try {
        for await (const piece of this.watched(response)) {
          received += piece.length;
          yield piece;
        }
        return;
      } catch (error) {
        const lost = asAgentError(error);
        if (sameImage === undefined || received === before) throw lost;
        log(`${lost.details}; going on at byte ${received}`);
        response = await this.from(received, sameImage, lost);
      }
    }
  }

  /**
   * The image from a byte on, as soon as there is a server again. One that has another image by now sends all of it,
   * which is refused.
   */
  private async from(offset: number, sameImage: string, lost: AgentError): Promise<StreamResponse> {
    for (let attempt = 0; attempt < mostResumptions; attempt++) {
      await new Promise((resolve) => setTimeout(resolve, firstPauseMs * 2 ** attempt));
      const response = await this.get({ Range: `bytes=${offset}-`, 'If-Range': sameImage }).catch(
        () => undefined,
      );
      if (!response) continue;
      const begins = /^bytes (\d+)-/.exec(response.headers.get('content-range') ?? '')?.[1];
      if (response.status === 206 && Number(begins) === offset) return response;
      throw this.refused(response, 206);
    }
    throw lost;
  }

  private async get(headers: Record<string, string>): Promise<StreamResponse> {
    try {
      return await openStream(this.url, { headers, idleMs, insecure: this.insecure });
    } catch (error) {
      throw this.failed(error);
    }
  }

  /** A body that ends too early is an error, and every error names the image. */
  private async *watched(response: StreamResponse): AsyncGenerator<Buffer> {
    let received = 0;
    try {
      for await (const piece of response.body) {
        received += piece.length;
        yield piece;
      }
    } catch (error) {
      const all = response.length ?? 'an unknown number of';
      throw this.failed(`the connection was lost after ${received} of ${all} bytes (${String(error)})`);
    }
  }

  private refused(response: StreamResponse, expected = 200): AgentError {
    response.close();
    return this.failed(`Received status code ${response.status} from ${this.url}, expected ${expected}.`);
  }

  private failed(cause: unknown): AgentError {
    const why = cause instanceof Error ? `${this.url}: ${cause.message}` : String(cause);
    return new AgentError('ImageDownloadError', `Download of image ${this.id} failed: ${why}`, { cause });
  }
}

/** What tells a file from one that has taken its place (RFC 9110, section 13.1.5: a weak ETag does not). */
function validatorOf({ headers }: StreamResponse): string | undefined {
  const etag = headers.get('etag');
  return etag && !etag.startsWith('W/') ? etag : headers.get('last-modified');
}

async function collect(body: AsyncIterable<Buffer>): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of body) chunks.push(Buffer.from(chunk));
  return Buffer.concat(chunks);
}

/** Takes the ranges from a stream that starts at 0. Leaving the loop ends the connection. */
async function pickFromStream(body: AsyncIterable<Buffer>, ranges: readonly Range[]): Promise<Buffer[]> {
  const pieces = ranges.map((): Buffer[] => []);
  const last = ranges.at(-1);
  const end = last ? last.offset + last.length : 0;
  let at = 0;
  for await (const chunk of body) {
    for (const [index, { offset, length }] of ranges.entries()) {
      const from = Math.max(offset - at, 0);
      const to = Math.min(offset + length - at, chunk.length);
      if (from < to) pieces[index]?.push(Buffer.from(chunk.subarray(from, to)));
    }
    at += chunk.length;
    if (at >= end) break;
  }
  return pieces.map((piece) => Buffer.concat(piece));
}

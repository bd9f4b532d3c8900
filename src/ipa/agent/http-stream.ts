import { connect, type Socket } from 'node:net';
import { openHttp } from './http.ts';
import { Dechunker, parseHead, type ResponseHead } from './http-message.ts';

/**
 * Large downloads by plain HTTP/1.1 (RFC 9112). node's own client costs an emulated processor several times what the
 * rest of the way to the disk does, so this one reads into one buffer that is used again and again.
 */

const bufferLength = 256 * 1024;
const longestHead = 64 * 1024;
const mostRedirects = 5;

export interface StreamRequest {
  readonly headers: Readonly<Record<string, string>>;
  /** How long nothing may arrive, in ms. */
  readonly idleMs: number;
  /** Certificates of https are not checked. */
  readonly insecure: boolean;
}

export interface StreamResponse {
  readonly status: number;
  /** Content-Length, where it is given. */
  readonly length: number | undefined;
  /** By names in lower case. */
  readonly headers: ReadonlyMap<string, string>;
  /** A piece is valid until the next is asked for. Leaving the loop ends the connection. */
  readonly body: AsyncGenerator<Buffer>;
  /** Ends the connection of a body that nobody wants. */
  close(): void;
}

/** Sends a GET and answers when the response's head is there; redirections are followed. */
export async function openStream(url: string, request: StreamRequest): Promise<StreamResponse> {
  let at = url;
  for (let redirects = 0; ; redirects++) {
    const { head, body, close } = await (at.startsWith('https:') ? secureGet : plainGet)(at, request);
    const location = head.status >= 300 && head.status < 400 ? head.headers.get('location') : undefined;
    if (location === undefined || redirects === mostRedirects) {
      const { status, headers } = head;
      const length = headers.get('content-length');
      return { status, length: length === undefined ? undefined : Number(length), headers, body, close };
    }
    close();
    at = new URL(location, at).href;
  }
}

interface Response {
  readonly head: ResponseHead;
  readonly body: AsyncGenerator<Buffer>;
  close(): void;
}

async function secureGet(url: string, { headers, idleMs, insecure }: StreamRequest): Promise<Response> {
  const response = await openHttp(url, { headers, idleMs, insecure });
  const given = Object.entries(response.headers).map(([name, value]): [string, string] => [
    name,
    String(value),
  ]);
  async function* body(): AsyncGenerator<Buffer> {
    yield* response as AsyncIterable<Buffer>;
  }
  const head = { status: response.statusCode ?? 0, headers: new Map(given) };
  return { head, body: body(), close: () => void response.destroy() };
}

async function plainGet(url: string, request: StreamRequest): Promise<Response> {
  const { hostname, port, host, pathname, search } = new URL(url);
  const reader = new SocketReader(hostname.replace(/^\[|\]$/g, ''), Number(port) || 80, url, request.idleMs);
  const lines = [
    `GET ${pathname}${search} HTTP/1.1`,
    `Host: ${host}`,
    'Connection: close',
    ...Object.entries(request.headers).map(([name, value]) => `${name}: ${value}`),
  ];
  reader.send(`${lines.join('\r\n')}\r\n\r\n`);
  let received = Buffer.alloc(0);
  for (;;) {
    const piece = await reader.read();
    if (!piece) throw new Error('the server closed the connection without an answer');
    received = Buffer.concat([received, piece]);
    const end = received.indexOf('\r\n\r\n');
    if (end < 0 && received.length > longestHead) throw new Error('what the server answers is no HTTP');
    if (end < 0) continue;
    const head = parseHead(received.toString('latin1', 0, end));
    return { head, body: bodyOf(head, received.subarray(end + 4), reader), close: () => reader.close() };
  }
}

/** The body by its framing (RFC 9112, section 6.3): chunked, of a told length, or to the end of the connection. */
async function* bodyOf(
  { headers }: ResponseHead,
  first: Buffer,
  reader: SocketReader,
): AsyncGenerator<Buffer> {
  try {
    const chunks =
      headers.get('transfer-encoding')?.toLowerCase() === 'chunked' ? new Dechunker() : undefined;
    const told = headers.get('content-length');
    let left = told === undefined || chunks ? Number.POSITIVE_INFINITY : Number(told);
    for (let piece: Buffer | undefined = first; piece; piece = await reader.read()) {
      if (chunks) yield* chunks.take(piece);
      else if (piece.length > 0) yield piece.subarray(0, left);
      left -= piece.length;
      if (left <= 0 || chunks?.isComplete) return;
    }
    if (chunks || left !== Number.POSITIVE_INFINITY)
      throw new Error('the server closed the connection early');
  } finally {
    reader.close();
  }
}

/** A connection that is read one buffer at a time. */
class SocketReader {
  private readonly socket: Socket;
  private readonly buffer = Buffer.alloc(bufferLength);
  /** A piece that nobody has asked for yet; while it lies there, nothing more is read. */
  private piece: Buffer | undefined;
  private ended = false;
  private failure: Error | undefined;
  private wake: (() => void) | undefined;

  constructor(host: string, port: number, url: string, idleMs: number) {
    const onread = {
      buffer: this.buffer,
      callback: (length: number) => {
        this.piece = this.buffer.subarray(0, length);
        this.wake?.();
        return false;
      },
    };
    this.socket = connect({ host, port, onread });
    this.socket.setTimeout(idleMs, () => {
      this.socket.destroy(new Error(`nothing came from ${url} for ${idleMs} ms`));
    });
    this.socket.on('end', () => this.end(undefined));
    this.socket.on('close', () => this.end(undefined));
    this.socket.on('error', (error) => this.end(error));
  }

  send(text: string): void {
    this.socket.write(text);
  }

  /** The next piece, valid until the next call; undefined at the connection's end. */
  async read(): Promise<Buffer | undefined> {
    for (;;) {
      const { piece } = this;
      if (piece) {
        this.piece = undefined;
        return piece;
      }
      if (this.failure) throw this.failure;
      if (this.ended) return undefined;
      const woken = new Promise<void>((resolve) => {
        this.wake = resolve;
      });
      this.socket.resume();
      await woken;
    }
  }

  close(): void {
    this.socket.destroy();
  }

  private end(failure: Error | undefined): void {
    this.failure ??= failure;
    this.ended = true;
    this.wake?.();
  }
}

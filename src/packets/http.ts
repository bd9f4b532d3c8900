/** The first line of an HTTP/1 message (RFC 9112). */
export type HttpMessage =
  | {
      readonly kind: 'request';
      readonly method: string;
      readonly target: string;
      readonly version: string;
      readonly host?: string;
      /** `bytes=0-511`: the part that is asked for (RFC 9110, section 14.2). */
      readonly range?: string;
    }
  | {
      readonly kind: 'response';
      readonly status: number;
      readonly reason: string;
      readonly version: string;
      /** Bytes of the body, when the header tells. */
      readonly contentLength?: number;
      /** `bytes 0-511/1024`: the part that is sent, and the size of the whole. */
      readonly contentRange?: string;
    };

const methods = ['GET', 'HEAD', 'POST', 'PUT', 'DELETE', 'PATCH', 'OPTIONS', 'CONNECT', 'TRACE'];
const starts: readonly string[] = ['HTTP/1.', ...methods.map((method) => `${method} `)];

const longestHead = 16 * 1024;
const longestStart = Math.max(...starts.map((start) => start.length));
const newline = 10;

/** Whether the bytes begin like an HTTP/1 message. */
export function looksLikeHttp(bytes: Uint8Array): boolean {
  return starts.some((start) => {
    for (let i = 0; i < start.length; i++) if (bytes[i] !== start.charCodeAt(i)) return false;
    return true;
  });
}

/** Where in the stream the parser stands. */
type State =
  | { at: 'head' | 'chunk-size' | 'trailer' }
  | { at: 'body'; left: number; next: 'head' | 'chunk-size'; begun: boolean }
  | { at: 'unknown-body' };

/**
 * Finds the messages' first lines in one direction of a connection. Bodies are skipped by Content-Length or by
 * chunks; one without a length is skipped up to a segment that begins like a message.
 */
export class HttpParser {
  private state: State = { at: 'head' };
  /** Whole lines of a head, and the line that is being collected. */
  private head = '';
  private line = '';

  feed(bytes: Uint8Array, found: HttpMessage[]): boolean {
    if (this.state.at === 'unknown-body' && looksLikeHttp(bytes)) this.state = { at: 'head' };
    for (let at = 0; at < bytes.length; ) {
      const { state } = this;
      if (state.at === 'unknown-body') return true;
      if (state.at === 'body') {
        // The answer to a HEAD tells a length and has no body: the next message stands in its place.
        if (!state.begun && state.next === 'head' && looksLikeHttp(bytes.subarray(at))) {
          this.state = { at: 'head' };
          continue;
        }
        state.begun = true;
        const taken = Math.min(state.left, bytes.length - at);
        at += taken;
        state.left -= taken;
        if (state.left === 0) this.state = { at: state.next };
        continue;
      }
      const stop = bytes.indexOf(newline, at);
      const end = stop < 0 ? bytes.length : stop + 1;
      this.line += Buffer.from(bytes.buffer, bytes.byteOffset + at, end - at).toString('latin1');
      at = end;
      if (this.head.length + this.line.length > longestHead) return false;
      if (stop >= 0 && !this.takeLine(state.at, found)) return false;
    }
    return true;
  }

  /** Takes the line that was collected; false when the stream is not HTTP. */
  private takeLine(at: 'head' | 'chunk-size' | 'trailer', found: HttpMessage[]): boolean {
    const { line } = this;
    this.line = '';
    const isBlank = line === '\r\n' || line === '\n';
    switch (at) {
      case 'chunk-size': {
        const size = Number.parseInt(line, 16);
        if (Number.isNaN(size)) return false;
        // The line break after a chunk is counted with it.
        this.state =
          size === 0 ? { at: 'trailer' } : { at: 'body', left: size + 2, next: 'chunk-size', begun: false };
        return true;
      }
      case 'trailer':
        if (isBlank) this.state = { at: 'head' };
        return true;
      case 'head':
        return isBlank ? this.endHead(found) : this.addToHead(line);
    }
  }

  private addToHead(line: string): boolean {
    const isFirst = this.head === '';
    this.head += line;
    return !isFirst || looksLikeHttp(Buffer.from(line.slice(0, longestStart)));
  }

  private endHead(found: HttpMessage[]): boolean {
    const { head } = this;
    this.head = '';
    // Blank lines before a message are to be ignored (RFC 9112 2.2).
    if (head === '') return true;
    const message = firstLine(head);
    if (!message) return false;
    found.push(message);
    this.state = bodyOf(message, head);
    return true;
  }
}

function firstLine(head: string): HttpMessage | undefined {
  const response = /^HTTP\/(1\.\d) (\d{3}) ?([^\r\n]*)/.exec(head);
  if (response) {
    const [, version = '', status, reason = ''] = response;
    const length = header(head, 'content-length');
    const contentRange = header(head, 'content-range');
    return {
      kind: 'response',
      status: Number(status),
      reason,
      version,
      ...(length === undefined ? {} : { contentLength: Number.parseInt(length, 10) }),
      ...(contentRange === undefined ? {} : { contentRange }),
    };
  }
  const request = /^([A-Z]+) (\S+) HTTP\/(1\.\d)\r?\n/.exec(head);
  if (!request) return undefined;
  const [, method = '', target = '', version = ''] = request;
  const host = header(head, 'host');
  const range = header(head, 'range');
  return {
    kind: 'request',
    method,
    target,
    version,
    ...(host === undefined ? {} : { host }),
    ...(range === undefined ? {} : { range }),
  };
}

function bodyOf(message: HttpMessage, head: string): State {
  if (/^transfer-encoding:.*chunked/im.test(head)) return { at: 'chunk-size' };
  const length = Number.parseInt(header(head, 'content-length') ?? '', 10);
  if (length > 0) return { at: 'body', left: length, next: 'head', begun: false };
  const hasNoBody = length === 0 || message.kind === 'request' || message.status < 200;
  return hasNoBody || message.status === 204 || message.status === 304
    ? { at: 'head' }
    : { at: 'unknown-body' };
}

function header(head: string, name: string): string | undefined {
  return new RegExp(`^${name}:[ \\t]*([^\\r\\n]*)`, 'im').exec(head)?.[1]?.trim();
}

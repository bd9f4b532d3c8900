import { createReadStream, statSync } from 'node:fs';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';

export interface ImageServerOptions {
  /** Whether it knows ranges. Default true. */
  readonly ranges?: boolean;
  /** Sends no Content-Length. */
  readonly silent?: boolean;
  /** Ends the connection of the first whole download after so many bytes. */
  readonly cutFirstAfter?: number;
  /** Tells by a strong ETag, a new one for each download in the second case, which file it sends. */
  readonly etag?: 'kept' | 'changing';
}

export interface ImageServer {
  /** Without a slash at its end. */
  readonly url: string;
  /** Of each request: its range or `whole`. */
  readonly requests: string[];
}

/** The range that is asked for, if the file is still the one that it is a part of (RFC 9110, section 13.1.5). */
function rangeOf({ headers }: IncomingMessage, etag: string): RegExpExecArray | null {
  if (headers['if-range'] !== undefined && headers['if-range'] !== etag) return null;
  return /^bytes=(\d+)-(\d*)$/.exec(headers.range ?? '');
}

/** Serves the files of a folder by HTTP on loopback until the test ends. */
export async function serveImages(folder: string, options: ImageServerOptions = {}): Promise<ImageServer> {
  const requests: string[] = [];
  let cuts = options.cutFirstAfter === undefined ? 0 : 1;
  const etag = () => (options.etag === 'changing' ? `"${requests.length}"` : '"kept"');
  const server = createServer((request, response) => {
    const tag = options.etag ? { ETag: etag() } : {};
    const file = join(folder, new URL(request.url ?? '/', 'http://x').pathname);
    const size = statSync(file, { throwIfNoEntry: false })?.size;
    const range = options.ranges === false ? null : rangeOf(request, etag());
    requests.push(range ? `${range[1]}-${range[2]}` : 'whole');
    if (size === undefined) {
      response.writeHead(404).end('not here');
    } else if (range && Number(range[1]) >= size) {
      response.writeHead(416).end();
    } else if (range) {
      const [start, end] = [Number(range[1]), Math.min(Number(range[2] || size), size - 1)];
      const contentRange = `bytes ${start}-${end}/${size}`;
      response.writeHead(206, { 'Content-Length': end - start + 1, 'Content-Range': contentRange });
      createReadStream(file, { start, end }).pipe(response);
    } else if (!request.headers.range && cuts > 0) {
      cuts--;
      response.writeHead(200, { 'Content-Length': size, ...tag });
      const part = createReadStream(file, { end: (options.cutFirstAfter ?? 1) - 1 });
      part.pipe(response, { end: false });
      part.on('end', () => response.write('', () => response.destroy()));
    } else {
      response.writeHead(200, { ...(options.silent ? {} : { 'Content-Length': size }), ...tag });
      createReadStream(file).pipe(response);
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, requests };
}

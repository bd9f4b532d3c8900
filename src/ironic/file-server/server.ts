import { createServer, type Server } from 'node:http';
import send from 'send';
import type { FileRequest } from './access-log.ts';

/** The ramdisks' tokens, which lie in the same tree, are for nodes that have TFTP. */
const hidden = /\/token-[^/]*$/;

/**
 * Serves folders by HTTP, with ranges. A link in a folder may lead out of it: the lab made it.
 *
 * @param folders by the path that they are served under; the first that fits is taken
 * @param served is told each request when its answer has ended, whole or not
 */
export function fileServer(
  folders: Readonly<Record<string, string>>,
  served: (request: FileRequest) => void,
): Server {
  return createServer((request, response) => {
    const start = performance.now();
    const before = request.socket.bytesWritten;
    const path = pathOf(request.url ?? '/');
    response.on('close', () => {
      served({
        at: new Date().toISOString(),
        client: request.socket.remoteAddress ?? '-',
        method: request.method ?? '',
        path: path ?? '-',
        status: response.statusCode,
        bytes: request.socket.bytesWritten - before,
        range: request.headers.range,
        ms: performance.now() - start,
        isWhole: response.writableFinished,
      });
    });
    const end = (status: number) => void response.writeHead(status).end();
    if (!['GET', 'HEAD'].includes(request.method ?? '')) return end(405);
    if (path === undefined) return end(400);
    const prefix = Object.keys(folders).find((it) => path.startsWith(it)) ?? '';
    const root = folders[prefix];
    if (root === undefined || hidden.test(decodeURIComponent(path))) return end(404);
    send(request, path.slice(prefix.length - 1), {
      root,
      dotfiles: 'deny',
      index: false,
      cacheControl: false,
    })
      .on('error', (error: { statusCode?: number; status?: number }) =>
        end(error.status ?? error.statusCode ?? 500),
      )
      .on('directory', () => end(404))
      .pipe(response);
  });
}

/** The path of a request, percent-encoded; undefined for one that is none. */
function pathOf(target: string): string | undefined {
  try {
    const { pathname } = new URL(target, 'http://lab');
    decodeURIComponent(pathname);
    return pathname;
  } catch {
    return undefined;
  }
}

import { createServer, type Server } from 'node:http';
import send from 'send';

/** A file that was asked for over HTTP, when it was sent whole. */
export interface ServedFile {
  readonly path: string;
  readonly client: string;
  readonly status: number;
  readonly ms: number;
}

/** Serves folders by HTTP, with ranges. A link in a folder may lead out of it: the lab made it. */
export function fileServer(
  folders: Readonly<Record<string, string>>,
  served: (file: ServedFile) => void,
): Server {
  return createServer((request, response) => {
    const start = performance.now();
    const path = decodeURIComponent(new URL(request.url ?? '/', 'http://lab').pathname);
    const prefix = Object.keys(folders).find((it) => path.startsWith(it)) ?? '';
    const root = folders[prefix];
    if (root === undefined || !['GET', 'HEAD'].includes(request.method ?? '')) {
      response.writeHead(root === undefined ? 404 : 405).end();
      return;
    }
    response.on('finish', () => {
      const client = request.socket.remoteAddress ?? '';
      served({ path, client, status: response.statusCode, ms: performance.now() - start });
    });
    send(request, encodeURI(path.slice(prefix.length - 1)), {
      root,
      dotfiles: 'deny',
      index: false,
      cacheControl: false,
    })
      .on('error', (error: { statusCode?: number; status?: number }) => {
        response.writeHead(error.status ?? error.statusCode ?? 500).end();
      })
      .on('directory', () => response.writeHead(404).end())
      .pipe(response);
  });
}

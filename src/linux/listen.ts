import type { Server } from 'node:net';

/** Has a server listen, at a port of an address or at a socket in the file system; answers when it does. */
export function listen(
  server: Server,
  ...at: readonly [port: number, ip: string] | readonly [socket: string]
): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    if (at.length === 1) server.listen(at[0], resolve);
    else server.listen(at[0], at[1], resolve);
  });
}

import { createHash } from 'node:crypto';
import { connect, createServer, type Server } from 'node:net';

/**
 * A lock that a dead process cannot hold: a listening socket in the kernel's abstract namespace (unix(7)), which
 * goes with the process. Whoever waits is connected to the holder and learns of its end at once.
 */
export interface Lock {
  release(): void;
}

/**
 * Takes the lock of that name, waiting for other processes that hold it.
 *
 * @param name any text; equal names exclude each other
 * @param onWait called once when somebody else holds the lock
 */
export async function takeLock(name: string, onWait?: () => void): Promise<Lock> {
  const address = addressOf(name);
  let told = false;
  for (;;) {
    const server = await tryListen(address);
    if (server) return { release: () => server.close() };
    if (!told) onWait?.();
    told = true;
    await holderGone(address);
  }
}

/** Whether some process holds the lock of that name now. */
export function isLocked(name: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(addressOf(name));
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}

/** A name in the abstract namespace is at most 107 bytes long. */
function addressOf(name: string): string {
  return `\0lab-${createHash('sha256').update(name).digest('hex').slice(0, 32)}`;
}

function tryListen(address: string): Promise<Server | undefined> {
  return new Promise((resolve, reject) => {
    // Waiting processes stay connected and are dropped when the holder closes or dies.
    const waiting = new Set<import('node:net').Socket>();
    const server = createServer((socket) => {
      waiting.add(socket);
      socket.on('error', () => waiting.delete(socket));
      socket.on('close', () => waiting.delete(socket));
      socket.unref();
    });
    const close = server.close.bind(server);
    server.close = (done) => {
      close(done);
      for (const socket of waiting) socket.destroy();
      return server;
    };
    server.once('error', (error: NodeJS.ErrnoException) =>
      error.code === 'EADDRINUSE' ? resolve(undefined) : reject(error),
    );
    server.listen(address, () => {
      server.unref();
      resolve(server);
    });
  });
}

function holderGone(address: string): Promise<void> {
  return new Promise((resolve) => {
    const socket = connect(address);
    socket.on('error', () => undefined);
    socket.on('close', () => resolve());
    socket.resume();
  });
}

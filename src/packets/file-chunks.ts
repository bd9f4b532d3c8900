import { open } from 'node:fs/promises';
import { LabError, messageOf } from '../errors.ts';

/** Small enough to stay in the processor's cache from reading to decoding. */
const chunkLength = 512 * 1024;

/**
 * The bytes of a file, in two buffers that take turns: a chunk is valid until the next is asked for.
 *
 * @throws LabError `usage` when the file cannot be opened
 */
export async function* fileChunks(path: string): AsyncGenerator<Uint8Array> {
  const file = await open(path).catch((cause: unknown) => {
    throw new LabError('usage', `${path} cannot be read: ${messageOf(cause)}`, { cause });
  });
  const buffers = [new Uint8Array(chunkLength), new Uint8Array(chunkLength)] as const;
  // The next chunk is read while the last one is looked at.
  let [current, next] = buffers;
  let reading = file.read(current, 0, chunkLength);
  try {
    for (;;) {
      const { bytesRead } = await reading;
      if (bytesRead === 0) return;
      const filled = current;
      [current, next] = [next, current];
      reading = file.read(current, 0, chunkLength);
      yield filled.subarray(0, bytesRead);
    }
  } finally {
    await reading.catch(() => undefined);
    await file.close();
  }
}

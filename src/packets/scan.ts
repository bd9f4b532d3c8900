import { open } from 'node:fs/promises';
import { Conversations } from './conversations.ts';
import { dissect } from './dissect.ts';
import { Dissection } from './dissection.ts';
import { CaptureError } from './frame.ts';
import { gunzipped } from './gunzip.ts';
import { CaptureParser } from './read.ts';
import type { RecordCursor } from './record.ts';

/** Small enough to stay in the processor's cache from reading to decoding. */
const chunkLength = 256 * 1024;

/** The bytes of a file, always in the same buffer: a chunk is valid until the next is asked for. */
export async function* fileChunks(path: string): AsyncGenerator<Uint8Array> {
  const file = await open(path);
  try {
    const buffer = new Uint8Array(chunkLength);
    for (;;) {
      const { bytesRead } = await file.read(buffer, 0, chunkLength);
      if (bytesRead === 0) return;
      yield buffer.subarray(0, bytesRead);
    }
  } finally {
    await file.close();
  }
}

/**
 * Passes over a pcap or pcapng stream (gzip-compressed or not) in constant memory and shows each frame with its
 * layers. Record and layers are the same two objects each time; their bytes are valid during the call only.
 *
 * @returns the damage at which the pass ended, if any; all frames before it were shown
 */
export async function scanCapture(
  source: AsyncIterable<Uint8Array>,
  visit: (record: RecordCursor, layers: Dissection) => void,
): Promise<CaptureError | undefined> {
  const parser = new CaptureParser({ stable: false });
  const { record } = parser;
  const layers = new Dissection();
  const conversations = new Conversations();
  try {
    for await (const chunk of gunzipped(source)) {
      parser.append(chunk);
      while (parser.next()) {
        dissect(
          record.bytes,
          record.start,
          record.end,
          record.length,
          record.linkType,
          layers,
          conversations,
        );
        visit(record, layers);
      }
    }
    parser.finish();
    return undefined;
  } catch (error) {
    if (error instanceof CaptureError) return error;
    throw error;
  }
}

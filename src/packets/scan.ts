import { open } from 'node:fs/promises';
import { LabError, messageOf } from '../errors.ts';
import { accepts, type BpfProgram } from './bpf.ts';
import { FrameDecoder } from './decode.ts';
import type { Dissection } from './dissection.ts';
import { CaptureError } from './frame.ts';
import { gunzipped } from './gunzip.ts';
import { CaptureParser } from './read.ts';
import type { RecordCursor } from './record.ts';

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

/** Takes a frame: the record and its layers, both overwritten by the next frame. */
export type Visit = (record: RecordCursor, layers: Dissection) => void;

export interface ScanOptions {
  /** Find the HTTP and iSCSI messages in TCP streams. */
  readonly streams?: boolean;
  /** Gives the filter for frames of a link type; only what it accepts is shown, but all frames are decoded. */
  readonly filterFor?: (linkType: number) => Promise<BpfProgram>;
  /** Awaited after the frames of each chunk of the stream; false ends the pass. */
  readonly afterChunk?: () => Promise<boolean>;
}

/**
 * Passes over a pcap or pcapng stream (gzip-compressed or not) in constant memory and shows each frame with its
 * layers. Record and layers are the same two objects each time; their bytes are valid during the call only.
 *
 * @returns the damage at which the pass ended, if any; all frames before it were shown
 */
export async function scanCapture(
  source: AsyncIterable<Uint8Array>,
  visit: Visit,
  options: ScanOptions = {},
): Promise<CaptureError | undefined> {
  const parser = new CaptureParser({ stable: false });
  const decoder = new FrameDecoder({ streams: options.streams ?? false });
  const { record } = parser;
  const { layers } = decoder;
  const filters = new Map<number, BpfProgram>();
  try {
    for await (const chunk of gunzipped(source)) {
      parser.append(chunk);
      while (parser.next()) {
        decoder.dissect(record);
        if (options.filterFor) {
          const { linkType } = record.interface;
          const filter = filters.get(linkType) ?? (await options.filterFor(linkType));
          filters.set(linkType, filter);
          if (!accepts(filter, record.bytes, record.start, record.end, record.length)) continue;
        }
        visit(record, layers);
      }
      if ((await options.afterChunk?.()) === false) return undefined;
    }
    parser.finish();
    return undefined;
  } catch (error) {
    if (!(error instanceof CaptureError)) throw error;
    // The frames between the last chunk's end and the damage.
    await options.afterChunk?.();
    return error;
  }
}

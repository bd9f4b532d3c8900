import { accepts, type BpfProgram } from './bpf.ts';
import { FrameDecoder } from './decode.ts';
import type { Dissection } from './dissection.ts';
import { CaptureError } from './frame.ts';
import { gunzipped } from './gunzip.ts';
import { CaptureParser } from './read.ts';
import type { RecordCursor } from './record.ts';

export { fileChunks } from './file-chunks.ts';

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

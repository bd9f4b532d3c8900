import { fileChunks } from './file-chunks.ts';
import { type CapturedFrame, CaptureError, type CaptureInterface } from './frame.ts';
import { gunzipped } from './gunzip.ts';
import { type FormatParser, isPcap, PcapParser } from './pcap.ts';
import { blockTypes, PcapngParser } from './pcapng.ts';
import { RecordCursor } from './record.ts';
import { Window } from './window.ts';

/** Everything a capture file gave. */
export interface Capture {
  readonly interfaces: readonly CaptureInterface[];
  readonly frames: CapturedFrame[];
  /** Set when the file is damaged or cut short; `frames` holds everything before the damage. */
  readonly error?: CaptureError;
}

/**
 * Steps over the records of a pcap or pcapng byte stream. Feed it with {@link append}, take records with
 * {@link next} until it answers false, and call {@link finish} at the end of the stream.
 */
export class CaptureParser {
  /** The record `next` stands on; overwritten by the following step. */
  readonly record = new RecordCursor();
  private readonly window: Window;
  private format: FormatParser | undefined;

  /** @param options.stable records' bytes stay valid after the next step (costs memory and time) */
  constructor(options: { stable: boolean }) {
    this.window = new Window(options);
  }

  get interfaces(): readonly CaptureInterface[] {
    return this.format?.interfaces ?? [];
  }

  append(chunk: Uint8Array): void {
    this.window.append(chunk);
  }

  /** @throws CaptureError at damage; the records before it have been delivered */
  next(): boolean {
    this.format ??= detect(this.window);
    return this.format?.next(this.window, this.record) ?? false;
  }

  /** @throws CaptureError when the stream ended inside a record */
  finish(): void {
    const { window, record } = this;
    if (window.available === 0) {
      if (window.offset === 0) throw new CaptureError(0, 'the capture is empty');
      return;
    }
    const where = record.number === 0 ? 'before its first frame' : `after frame ${record.number}`;
    throw new CaptureError(
      window.offset,
      `the capture is cut short ${where}: ${window.available} bytes left`,
    );
  }
}

function detect(window: Window): FormatParser | undefined {
  if (window.available < 4) return undefined;
  const [a = 0, b = 0, c = 0, d = 0] = window.bytes.subarray(window.position, window.position + 4);
  const magic = ((a << 24) | (b << 16) | (c << 8) | d) >>> 0;
  if (isPcap(magic)) return new PcapParser(magic);
  if (magic === blockTypes.sectionHeader) return new PcapngParser();
  throw new CaptureError(
    window.offset,
    `neither pcap nor pcapng: it starts with ${magic.toString(16).padStart(8, '0')}`,
  );
}

/**
 * The frames of a pcap or pcapng stream, gzip-compressed or not, a batch for each chunk that arrives.
 *
 * @throws CaptureError at damage, after the last batch before it
 */
export async function* captureBatches(
  source: AsyncIterable<Uint8Array>,
  seen: (interfaces: readonly CaptureInterface[]) => void = () => {},
): AsyncGenerator<CapturedFrame[]> {
  const parser = new CaptureParser({ stable: true });
  let failure: unknown;
  const take = (): CapturedFrame[] => {
    const batch: CapturedFrame[] = [];
    try {
      while (parser.next()) batch.push(parser.record.toFrame());
    } catch (error) {
      failure = error;
    }
    seen(parser.interfaces);
    return batch;
  };
  for await (const chunk of gunzipped(source)) {
    parser.append(chunk);
    const batch = take();
    if (batch.length > 0) yield batch;
    if (failure) throw failure;
  }
  parser.finish();
}

/** As {@link captureBatches}, frame by frame. */
export async function* captureFrames(source: AsyncIterable<Uint8Array>): AsyncGenerator<CapturedFrame> {
  for await (const batch of captureBatches(source)) yield* batch;
}

/**
 * Reads a whole capture file into memory; damage is answered beside the frames before it, never thrown.
 *
 * @throws LabError `usage` when the file cannot be opened
 */
export async function readCaptureFile(path: string): Promise<Capture> {
  const frames: CapturedFrame[] = [];
  let interfaces: readonly CaptureInterface[] = [];
  try {
    for await (const batch of captureBatches(fileChunks(path), (seen) => {
      interfaces = seen;
    })) {
      for (const frame of batch) frames.push(frame);
    }
  } catch (error) {
    if (error instanceof CaptureError) return { interfaces, frames, error };
    throw error;
  }
  return { interfaces, frames };
}

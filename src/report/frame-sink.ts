import { closeSync, openSync, writeSync } from 'node:fs';
import { LabError, messageOf } from '../errors.ts';
import type { CapturePoint } from '../evidence/point.ts';
import { FrameDecoder } from '../packets/decode.ts';
import type { CapturedFrame } from '../packets/frame.ts';
import { linkTypes } from '../packets/frame.ts';
import { JsonLines } from '../packets/json-lines.ts';
import { RecordCursor } from '../packets/record.ts';
import { enhancedPacket, interfaceDescription, sectionHeader } from '../packets/write.ts';
import { FrameLines } from './frame-lines.ts';

/** Where frames of a live capture go. */
export interface FrameSink {
  /** Takes frames in order; `interfaceId` is the index of their point. */
  take(frames: readonly CapturedFrame[]): void;
  close(): void;
}

export interface FrameSinkOptions {
  /** A file, or `-` for standard output; without it lines go to standard output. */
  readonly write?: string;
  /** Lines are JSON. */
  readonly json?: boolean;
  readonly lab: string;
  readonly points: readonly CapturePoint[];
  /** What is behind points, by their names. */
  readonly labels: ReadonlyMap<string, string>;
  /** Called when nobody reads standard output any more. */
  readonly onClosed: () => void;
}

/** @throws LabError `usage` when the file cannot be written, or pcapng would go to a terminal */
export function openFrameSink(options: FrameSinkOptions): FrameSink {
  const { write, json, lab, points, labels } = options;
  if (write !== undefined && write !== '-') return pcapngSink(fileOutput(write), options);
  if (write === '-' && process.stdout.isTTY) {
    throw new LabError('usage', 'a terminal cannot show pcapng', {
      remedy: 'lab capture --write - | wireshark -k -i -, or leave --write out for lines of text',
    });
  }
  const output = standardOutput(options.onClosed);
  if (write === '-') return pcapngSink(output, options);
  if (json) return jsonSink(output, lab, points);
  const lines = new FrameLines(points, labels);
  return {
    take: (frames) => output.write(frames.map((frame) => `${lines.line(frame)}\n`).join('')),
    close: () => undefined,
  };
}

interface Output {
  write(data: Uint8Array | string): void;
  close(): void;
}

function fileOutput(path: string): Output {
  try {
    const file = openSync(path, 'w');
    return {
      write: (data) => {
        const bytes = Buffer.from(data);
        for (let at = 0; at < bytes.length; ) at += writeSync(file, bytes, at);
      },
      close: () => closeSync(file),
    };
  } catch (cause) {
    throw new LabError('usage', `${path} cannot be written: ${messageOf(cause)}`, { cause });
  }
}

function standardOutput(onClosed: () => void): Output {
  // Wireshark was closed, or head has seen enough.
  process.stdout.on('error', onClosed);
  return { write: (data) => void process.stdout.write(data), close: () => undefined };
}

function pcapngSink(output: Output, { lab, points, labels }: FrameSinkOptions): FrameSink {
  output.write(sectionHeader({ comment: `lab capture of lab ${lab}` }));
  for (const point of points) {
    const description = labels.get(point.name);
    output.write(
      interfaceDescription({
        linkType: linkTypes.ethernet,
        name: point.name,
        ...(description === undefined ? {} : { description }),
        comment: meaning(point),
      }),
    );
  }
  return {
    take: (frames) => {
      for (const frame of frames) output.write(enhancedPacket(frame));
    },
    close: () => output.close(),
  };
}

/** What frames at a point show. */
function meaning({ device, namespace, mirrored }: CapturePoint): string {
  switch (mirrored?.[0]?.kind) {
    case 'bridge':
      return `inside bridge ${device}: each frame once, with the VLAN it has after the bridge's rules; frames that they drop are not seen`;
    case 'entry':
      return `what crosses patch port ${device}, either way, before the rules of the bridge that it comes into`;
    default:
      return namespace
        ? `what passes ${device} in namespace ${namespace}, either way`
        : `what passes ${device}, either way`;
  }
}

function jsonSink(output: Output, lab: string, points: readonly CapturePoint[]): FrameSink {
  const lines = new JsonLines(lab);
  const decoder = new FrameDecoder();
  const record = new RecordCursor();
  const interfaces = points.map(({ name }) => ({ linkType: linkTypes.ethernet, snapLength: 0, name }));
  return {
    take: (frames) => {
      for (const { bytes, number, length, time, interfaceId = 0 } of frames) {
        record.bytes = bytes;
        record.end = bytes.length;
        record.number = number;
        record.length = length;
        record.interfaceId = interfaceId;
        record.interface = interfaces[interfaceId] ?? record.interface;
        record.clock = { nanoseconds: () => time };
        decoder.dissect(record);
        lines.add(record, decoder.layers);
      }
      output.write(Buffer.from(lines.take()));
    },
    close: () => undefined,
  };
}

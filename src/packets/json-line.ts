import { decoded } from './decode.ts';
import type { Dissection } from './dissection.ts';
import type { RecordCursor } from './record.ts';

/**
 * A frame as one line of JSON: `{file, number, time, length, eth, vlans, …, error?}`, with the layers as
 * `DecodedFrame` has them. `time` is in seconds since the epoch, with nine decimals, which are exact for readers
 * that do not round numbers to 53 bits.
 *
 * @param file the file's name as JSON text
 */
export function jsonLine(file: string, record: RecordCursor, layers: Dissection): string {
  const { name } = record.interface;
  const comment = record.comment();
  return (
    `{"file":${file},"number":${record.number},"time":${seconds(record.time())},"length":${record.length}` +
    `${name === undefined ? '' : `,"interface":${JSON.stringify(name)}`}` +
    `${comment === undefined ? '' : `,"comment":${JSON.stringify(comment)}`}` +
    `,${JSON.stringify(decoded(layers)).slice(1)}\n`
  );
}

function seconds(time: bigint): string {
  if (time < 0n) return `-${seconds(-time)}`;
  return `${time / 1_000_000_000n}.${String(time % 1_000_000_000n).padStart(9, '0')}`;
}

import { LabError } from '../errors.ts';
import type { CapturedFrame } from '../packets/frame.ts';
import { waitFor } from '../wait.ts';
import { LiveCapture } from './live-capture.ts';
import { refuseLosses } from './lost-frames.ts';
import type { CapturePoint } from './point.ts';
import { tagOf, untagged } from './tags.ts';
import type { Sighting } from './traced-way.ts';

/** In a lab at rest a frame takes a millisecond; this is how long one that should come is waited for. */
const patienceMs = 2000;

/**
 * Captures while a frame is sent, and answers where that frame was seen, in the order of time.
 *
 * @param foretold where it should be seen; when it has been seen there, nothing is waited for any more
 * @throws LabError `lab-failed` when frames were lost
 */
export async function watchFrame(
  points: readonly CapturePoint[],
  frame: Uint8Array,
  foretold: readonly Sighting[],
  send: () => Promise<void>,
): Promise<Sighting[]> {
  const wanted = withoutTags(frame);
  const seen: Sighting[] = [];
  const take = (frames: readonly CapturedFrame[]) => {
    for (const { bytes, interfaceId = 0 } of frames) {
      if (!withoutTags(bytes).equals(wanted)) continue;
      seen.push({ point: points[interfaceId]?.name ?? '', vlan: tagOf(bytes) });
    }
  };
  const awaited = foretold.filter(({ point }) => points.some(({ name }) => name === point));
  const live = await LiveCapture.start(points, undefined, take);
  try {
    await send();
    const arrived = () => awaited.every(({ point }) => seen.some((it) => it.point === point));
    await waitFor('the frame', () => (arrived() ? true : undefined), { timeoutMs: patienceMs }).catch(
      ignoreDeadline,
    );
  } catch (error) {
    await live.stop();
    throw error;
  }
  refuseLosses(await live.stop());
  return seen;
}

/** What did not come in time is told by the comparison. */
function ignoreDeadline(error: unknown): undefined {
  if (error instanceof LabError) return undefined;
  throw error;
}

function withoutTags(frame: Uint8Array): Buffer {
  let bare = frame;
  while (tagOf(bare) !== null) bare = untagged(bare);
  return Buffer.from(bare);
}

import { type ChecksumState, type Checksums, verifyChecksums } from '../checksum.ts';
import type { Seen } from './seen.ts';

export interface ChecksumSummary {
  /** By layer: 'ipv4', 'udp', ... */
  readonly bad: readonly { readonly layer: string; readonly frames: number; readonly firstFrame: number }[];
  /** Frames whose checksum the network card would have finished, had it not been captured before. */
  readonly offloaded: number;
}

/** Counts the frames whose checksums are wrong. */
export class ChecksumCounts {
  private readonly bad = new Map<string, { frames: number; readonly firstFrame: number }>();
  private offloaded = 0;

  add({ layers, number }: Seen): void {
    const sums = verifyChecksums(layers);
    let offloaded = false;
    for (const layer in sums) {
      const state: ChecksumState | undefined = sums[layer as keyof Checksums];
      if (state === 'offloaded') offloaded = true;
      if (state !== 'bad') continue;
      const known = this.bad.get(layer);
      if (known) known.frames++;
      else this.bad.set(layer, { frames: 1, firstFrame: number });
    }
    if (offloaded) this.offloaded++;
  }

  result(): ChecksumSummary {
    return { bad: [...this.bad].map(([layer, counts]) => ({ layer, ...counts })), offloaded: this.offloaded };
  }
}

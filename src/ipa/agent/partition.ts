export const sectorSize = 512;

/** A part of a disk, in sectors of 512 bytes. */
export interface Partition {
  readonly start: number;
  readonly sectors: number;
}

/** Bytes to be written to a disk, `offset` in bytes. */
export interface Patch {
  readonly offset: number;
  readonly bytes: Uint8Array;
}

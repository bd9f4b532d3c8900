import { createHash } from 'node:crypto';
import { createReadStream, statSync } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import { LabError } from '../../errors.ts';

/** The sum that a file is to have, and who says so. */
export interface ExpectedSum {
  readonly algorithm: 'md5' | 'sha256';
  /** In hex. */
  readonly value: string;
  /** For the message: `it had when it was stored`. */
  readonly said: string;
}

/**
 * Sums files up before they are written to nodes, each once as long as it stays as it is.
 *
 * A file of the store is known again by device, inode, size, and its times in ns. The store makes that safe: an image is
 * written in a folder of its own that takes its name when the sums are recorded, and nothing writes to it afterwards;
 * another image is another folder, with other inodes. Whoever writes to the file nevertheless changes its ctime, which no
 * program can set back. A disk that gives back other bytes than were written to it is found by the next conductor.
 */
export class ImageChecks {
  private readonly sums = new Map<string, string>();

  /**
   * @param name the image's, for the message
   * @returns whether the file was read, or was known
   * @throws LabError `lab-failed` with both sums, the file and what to do when it is not what it should be
   */
  async check(
    name: string,
    file: string,
    { algorithm, value, said }: ExpectedSum,
  ): Promise<'read' | 'known'> {
    const key = `${algorithm} ${identity(file)}`;
    const known = this.sums.get(key);
    const found = known ?? (await sumOf(file, algorithm));
    // A file that was changed while it was read is read again the next time: its identity is another.
    this.sums.set(key, found);
    if (found === value.toLowerCase()) return known === undefined ? 'read' : 'known';
    const label = algorithm === 'md5' ? 'MD5' : 'SHA-256';
    throw new LabError(
      'lab-failed',
      `image ${name} is not what it should be: the ${label} of ${file} is ${found}, but ${value} ${said}; ` +
        'nothing was written to the disk',
    );
  }
}

function identity(file: string): string {
  const { dev, ino, size, mtimeNs, ctimeNs } = statSync(file, { bigint: true });
  return [dev, ino, size, mtimeNs, ctimeNs].join(' ');
}

async function sumOf(file: string, algorithm: string): Promise<string> {
  const hash = createHash(algorithm);
  await pipeline(createReadStream(file, { highWaterMark: 2 ** 20 }), hash);
  return hash.digest('hex');
}

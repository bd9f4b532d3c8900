import { accessSync, constants } from 'node:fs';
import { resolve } from 'node:path';
import { LabError, messageOf } from '../errors.ts';
import { makeFolder } from '../linux/files.ts';

/**
 * The absolute path of the folder that --bundle names; it is made if it is missing.
 *
 * @throws LabError `usage`, before anything is built, for a folder that nothing can be written to
 */
export function bundleFolder(folder: string): string {
  const path = resolve(folder);
  try {
    makeFolder(path, 0o755);
    accessSync(path, constants.W_OK);
    return path;
  } catch (cause) {
    throw new LabError('usage', `--bundle: ${messageOf(cause)}`, {
      remedy: 'give a folder that you can write to',
      cause,
    });
  }
}

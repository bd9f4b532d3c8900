import { readFileSync } from 'node:fs';
import { LabError, messageOf } from '../errors.ts';

/**
 * The secret in a file: its first line, as ipmitool's -f reads it.
 *
 * @throws LabError `usage` when it cannot be read
 */
export function readSecretFile(path: string): string {
  try {
    return readFileSync(path, 'utf8').split('\n')[0]?.replace(/\r$/, '') ?? '';
  } catch (error) {
    throw new LabError('usage', `cannot read the secret in ${path}: ${messageOf(error)}`);
  }
}

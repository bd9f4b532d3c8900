import { existsSync } from 'node:fs';

/** A Debian package that the lab runs. */
export interface DebianPackage {
  readonly set: 'lab' | 'test';
  readonly name: string;
  /** A file that is there when the package is. */
  readonly file: string;
  readonly purpose: string;
}

/**
 * Reads scripts/debian-packages.txt: set, package, file, purpose, parted by blanks; lines with # are comments.
 *
 * @throws TypeError for a line of another form: the file is part of the program
 */
export function parsePackages(text: string): DebianPackage[] {
  return text.split('\n').flatMap((line) => {
    if (line.trim() === '' || line.startsWith('#')) return [];
    const [, set, name, file, purpose] = /^(\S+)\s+(\S+)\s+(\/\S+)\s+(\S.*)$/.exec(line) ?? [];
    if ((set !== 'lab' && set !== 'test') || !name || !file || !purpose) {
      throw new TypeError(`the list of packages has a line that is none: ${line}`);
    }
    return [{ set, name, file, purpose }];
  });
}

/** Those that this machine lacks. */
export function missingPackages(packages: readonly DebianPackage[]): DebianPackage[] {
  return packages.filter(({ file }) => !existsSync(file));
}

/** The command that installs packages, for root or for a user who has sudo. */
export function installCommand(packages: readonly Pick<DebianPackage, 'name'>[], root: boolean): string {
  const names = packages.map(({ name }) => name).join(' ');
  const install = (sudo: string) => `${sudo}apt-get install --no-install-recommends ${names}`;
  return root ? install('') : install('sudo ');
}

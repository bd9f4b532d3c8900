import { existsSync, readFileSync } from 'node:fs';
import { writeFileAtomic } from '../../linux/files.ts';

/** A list on disk, replaced whole at each change. */
export class JsonFile<Item> {
  private readonly file: string;

  constructor(file: string) {
    this.file = file;
  }

  all(): Item[] {
    return existsSync(this.file) ? (JSON.parse(readFileSync(this.file, 'utf8')) as Item[]) : [];
  }

  replace(items: readonly Item[]): void {
    writeFileAtomic(this.file, JSON.stringify(items));
  }
}

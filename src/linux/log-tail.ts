import { type FSWatcher, closeSync, openSync, readSync, watch } from 'node:fs';

/** Follows a file that others append to. */
export class LogTail {
  private readonly fd: number;
  private readonly watcher: FSWatcher;
  private readonly onLine: (line: string) => void;
  private rest = '';
  private position: number;

  /**
   * @param onLine is told each whole line, from `position` on, without its end
   * @param position in bytes; 0 for the file's beginning
   */
  constructor(file: string, onLine: (line: string) => void, position = 0) {
    this.fd = openSync(file, 'r');
    this.onLine = onLine;
    this.position = position;
    // Watched before it is read, so that nothing between the two is missed.
    this.watcher = watch(file, { persistent: false }, () => this.read());
    this.read();
  }

  /** Reads what has come since. */
  read(): void {
    const buffer = Buffer.alloc(65_536);
    for (;;) {
      const count = readSync(this.fd, buffer, 0, buffer.length, this.position);
      if (count === 0) return;
      this.position += count;
      const lines = (this.rest + buffer.toString('utf8', 0, count)).split('\n');
      this.rest = lines.pop() ?? '';
      for (const line of lines) this.onLine(line);
    }
  }

  /** What has come since the last whole line: a prompt has no line end. */
  get unfinished(): string {
    return this.rest;
  }

  close(): void {
    this.watcher.close();
    closeSync(this.fd);
  }
}

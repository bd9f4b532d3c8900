import { closeSync, type FSWatcher, fstatSync, openSync, readSync, watch } from 'node:fs';

/** Follows a file that others append to. */
export class LogTail {
  private readonly fd: number;
  private readonly watcher: FSWatcher;
  private readonly onLine: (line: string) => void;
  private rest = '';
  private position: number;

  /**
   * @param onLine is told each whole line, without its end
   * @param from where to begin: with all that is there, or with what comes from now on
   */
  constructor(file: string, onLine: (line: string) => void, from: 'start' | 'end') {
    this.fd = openSync(file, 'r');
    this.onLine = onLine;
    this.position = from === 'start' ? 0 : fstatSync(this.fd).size;
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

import { existsSync } from 'node:fs';
import { LogTail } from '../linux/log-tail.ts';
import { whyGivenUp } from './console-notes.ts';

/**
 * Follows what a node's console says from now on. The record of a node outside the lab may begin later: with its first
 * power on.
 */
export class ConsoleFollower {
  /** Why the console is no longer recorded, while it is not. */
  lost: string | undefined;
  private readonly log: string;
  private readonly onLine: (line: string) => void;
  private tail: LogTail | undefined;

  constructor(log: string, onLine?: (line: string) => void) {
    this.log = log;
    this.onLine = (line) => {
      const why = whyGivenUp(line);
      if (why !== undefined) this.lost = why ?? undefined;
      onLine?.(line);
    };
    if (existsSync(log)) this.tail = new LogTail(log, this.onLine, 'end');
  }

  /** Reads what has come since. */
  read(): void {
    if (!this.tail && existsSync(this.log)) this.tail = new LogTail(this.log, this.onLine, 'start');
    this.tail?.read();
  }

  close(): void {
    this.tail?.close();
  }
}

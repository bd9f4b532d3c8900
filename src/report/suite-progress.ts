import { stripVTControlCharacters } from 'node:util';
import pc from 'picocolors';
import type { PlannedRun } from '../suite/plan.ts';
import { runSummary } from '../suite/result.ts';
import type { SuiteProgress } from '../suite/run-suite.ts';
import { withPrintableText } from './printable.ts';
import { endedLine } from './suite-text.ts';

const redrawMs = 250;

/** A line for each run that has ended. */
export function plainSuiteProgress(write: (line: string) => void, total: number): SuiteProgress {
  let ended = 0;
  return {
    began: () => undefined,
    triedAgain: (run, result) =>
      write(`${pc.yellow('AGAIN')} ${run.id}: ${withPrintableText(runSummary(result))}`),
    ended: (run) => write(`${String(++ended).padStart(String(total).length)}/${total} ${endedLine(run)}`),
  };
}

/** The same, with a last line that tells what goes on now and is drawn anew. */
export class LiveSuiteProgress implements SuiteProgress {
  private readonly stream: NodeJS.WriteStream;
  private readonly lines: SuiteProgress;
  private readonly total: number;
  private readonly running = new Map<string, number>();
  private readonly timer: NodeJS.Timeout;
  private endedCount = 0;

  constructor(stream: NodeJS.WriteStream, total: number) {
    this.stream = stream;
    this.total = total;
    this.lines = plainSuiteProgress((line) => this.above(line), total);
    this.timer = setInterval(() => this.draw(), redrawMs).unref();
  }

  began(run: PlannedRun): void {
    this.running.set(run.id, performance.now());
    this.draw();
  }

  triedAgain(...about: Parameters<SuiteProgress['triedAgain']>): void {
    this.lines.triedAgain(...about);
  }

  ended(run: Parameters<SuiteProgress['ended']>[0]): void {
    this.running.delete(run.id);
    this.endedCount += 1;
    this.lines.ended(run);
  }

  /** Takes the last line away. */
  stop(): void {
    clearInterval(this.timer);
    this.stream.write(clearLine);
  }

  private above(line: string): void {
    this.stream.write(`${clearLine}${line}\n`);
    this.draw();
  }

  private draw(): void {
    const now = performance.now();
    const running = [...this.running].map(
      ([id, since]) => `${id} ${pc.dim(`${Math.round((now - since) / 1000)} s`)}`,
    );
    const line = `${pc.cyan(`${this.endedCount}/${this.total}`)} ${running.join(', ')}`;
    this.stream.write(`${clearLine}${cut(line, (this.stream.columns || 80) - 1)}`);
  }
}

/** The cursor to the line's start, and the line empty (ECMA-48: EL). */
const clearLine = '\r\u001b[K';

/** A line without its colours where it is too long for them to be kept. */
function cut(line: string, columns: number): string {
  const plain = stripVTControlCharacters(line);
  return plain.length <= columns ? line : `${plain.slice(0, columns - 1)}…`;
}

import pc from 'picocolors';

/** Tells a person what is being done, step by step with times. It writes to standard error only. */
export interface Progress {
  /** Does a step and tells its name and duration when it is done. */
  step<T>(name: string, work: () => Promise<T>): Promise<T>;
  /** A line of its own. */
  note(text: string): void;
}

/** A step that was done, for the JSON document of a command. */
export interface Step {
  readonly name: string;
  readonly durationMs: number;
}

/** Progress as lines on a stream; `steps` holds what was done. */
export class ProgressLog implements Progress {
  readonly steps: Step[] = [];
  private readonly write: (line: string) => void;

  /** @param write takes a line without its end; omitted for --quiet */
  constructor(write: (line: string) => void = () => undefined) {
    this.write = write;
  }

  async step<T>(name: string, work: () => Promise<T>): Promise<T> {
    const start = performance.now();
    const result = await work();
    const durationMs = Math.round(performance.now() - start);
    this.steps.push({ name, durationMs });
    this.write(`  ${pc.green('✓')} ${name} ${pc.dim(`${durationMs} ms`)}`);
    return result;
  }

  note(text: string): void {
    this.write(text);
  }
}

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Finished, type RunOptions, run } from '../src/linux/process.ts';

const anyExitCode = Array.from({ length: 256 }, (_, code) => code);

/** The built `lab` with a LAB_HOME of its own. */
export class LabCommand {
  readonly home = mkdtempSync(join(tmpdir(), 'lab-test-'));

  /** Runs it to its end, whatever its exit code. */
  run(args: readonly string[], options: RunOptions = {}): Promise<Finished> {
    return run([process.execPath, join(process.cwd(), 'dist', 'lab.js'), ...args], {
      accept: anyExitCode,
      timeoutMs: 60_000,
      ...options,
      env: { LAB_HOME: this.home, NO_COLOR: '1', ...options.env },
    });
  }

  /** Runs it with --json and answers its document. */
  async json<Document>(args: readonly string[], options: RunOptions = {}): Promise<Document> {
    return JSON.parse((await this.run([...args, '--json'], options)).stdout) as Document;
  }

  /** Ends its labs and removes its home. */
  async end(): Promise<void> {
    await this.run(['down', '--all', '--quiet']);
    rmSync(this.home, { recursive: true });
  }
}

import { existsSync, mkdirSync, mkdtempSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { run } from '../../src/linux/process.ts';
import { shellQuote } from '../../src/linux/shell-quote.ts';
import { waitFor } from '../../src/wait.ts';
import { builtImages } from '../ironic/images/built.ts';
import { LabCommand } from '../lab-command.ts';
import { missingFrom } from './output.ts';
import type { ShownCommand } from './pages.ts';

const anyExitCode = Array.from({ length: 256 }, (_, code) => code);

/** How a command ended that a page shows. */
interface Ended {
  readonly exitCode: number;
  readonly output: string;
}

/**
 * A reader at a terminal: `lab` is on the PATH, LAB_HOME is of their own, and each page begins in a folder that holds
 * the samples alone, with no lab up.
 */
export class Terminal {
  private readonly lab = new LabCommand();
  private readonly bin = join(this.lab.home, 'bin');
  private folder = this.lab.home;
  private background: Promise<Ended> | undefined;

  constructor() {
    mkdirSync(this.bin);
    symlinkSync(join(process.cwd(), 'dist', 'lab.js'), join(this.bin, 'lab'));
  }

  /** Begins a page. */
  async begin(): Promise<void> {
    await this.lab.run(['down', '--all', '--quiet']);
    this.background = undefined;
    this.folder = mkdtempSync(join(this.lab.home, 'reader-'));
    symlinkSync(resolve('samples'), join(this.folder, 'samples'));
  }

  /**
   * Types a command and answers its exit code and output. One with `&` at its end goes on in the background as soon as
   * it has printed what the page shows below it; `wait` answers the output of all its life.
   */
  async type(shown: ShownCommand): Promise<Ended> {
    if (shown.command === 'wait') {
      if (this.background === undefined) throw new Error(`${shown.place}: nothing runs in the background`);
      return this.background;
    }
    if (shown.inDevstack) {
      return this.bash(`exec 2>&1; lab exec devstack -- bash -c ${shellQuote(shown.command)}`);
    }
    if (!shown.command.endsWith(' &')) return this.bash(`exec 2>&1; ${shown.command}`);
    const file = join(mkdtempSync(join(this.lab.home, 'background-')), 'output');
    const printed = () => readFileSync(file, { encoding: 'utf8', flag: 'a+' });
    this.background = this.bash(`exec >'${file}' 2>&1; ${shown.command.slice(0, -2)}`).then(
      ({ exitCode }) => ({ exitCode, output: printed() }),
    );
    const output = await waitFor(
      `\`${shown.command}\` to print what ${shown.place} shows`,
      () => (missingFrom(printed(), shown.output).length === 0 ? printed() : undefined),
      { timeoutMs: 20_000, lastSeen: printed },
    );
    return { exitCode: 0, output };
  }

  /** Has the lab's images, as the last test that built them has left them. */
  async haveImages(): Promise<void> {
    const { os } = await builtImages();
    const images = join(this.lab.home, 'images');
    if (!existsSync(images)) symlinkSync(join(os.folder, '..'), images);
  }

  /** Saves a file that a page shows. */
  save(path: string, body: string): void {
    mkdirSync(join(this.folder, dirname(path)), { recursive: true });
    writeFileSync(join(this.folder, path), body);
  }

  /** Ends its labs and removes its folders. */
  end(): Promise<void> {
    return this.lab.end();
  }

  private async bash(script: string): Promise<Ended> {
    const { exitCode, stdout } = await run(['bash', '-c', script], {
      accept: anyExitCode,
      timeoutMs: 240_000,
      cwd: this.folder,
      env: { LAB_HOME: this.lab.home, NO_COLOR: '1', PATH: `${this.bin}:${process.env.PATH ?? ''}` },
    });
    return { exitCode, output: stdout };
  }
}

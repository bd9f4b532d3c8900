import { randomBytes } from 'node:crypto';
import { mkdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { LabError, messageOf } from '../errors.ts';
import { writeFileAtomic } from '../linux/files.ts';
import type { SuiteResult } from '../suite/result.ts';
import type { SuiteReporter } from './suite-reporter.ts';

/** A report that is to be written. */
export interface ReportFile {
  readonly reporter: SuiteReporter;
  /** Absolute or relative to the working folder. */
  readonly file: string;
}

/** Others are to read a report: a CI system collects it. */
const mode = 0o644;

/**
 * Makes sure, before anything runs, that reports can be written: makes their folders and tries a file in each.
 *
 * @throws LabError `usage` when one cannot be written, or two are to be one file
 */
export function checkReportFiles(files: readonly ReportFile[]): void {
  const seen = new Map<string, string>();
  for (const { reporter, file } of files) {
    const path = resolve(file);
    const other = seen.get(path);
    if (other) throw new LabError('usage', `--${other} and --${reporter.format} name one file, ${file}`);
    seen.set(path, reporter.format);
    checkWritable(reporter.format, file, path);
  }
}

function checkWritable(format: string, file: string, path: string): void {
  const neighbour = `${path}.${process.pid}.${randomBytes(4).toString('hex')}`;
  try {
    mkdirSync(dirname(path), { recursive: true });
    if (statSync(path, { throwIfNoEntry: false })?.isDirectory()) throw new Error('it is a folder');
    writeFileSync(neighbour, '');
  } catch (error) {
    const why = messageOf(error).replace(/^E\w+: ([^,]*).*$/s, '$1');
    throw new LabError('usage', `--${format}: ${file} cannot be written: ${why}`, {
      remedy: 'give a file in a folder that you can write to',
      cause: error,
    });
  }
  rmSync(neighbour);
}

/** Writes each report whole or not at all. */
export function writeReports(files: readonly ReportFile[], result: SuiteResult): void {
  for (const { reporter, file } of files) {
    const path = resolve(file);
    writeFileAtomic(path, reporter.report(result, dirname(path)), mode);
  }
}

import type { SuiteResult } from '../suite/result.ts';

/** One format of a suite's report: a pure function of the result. */
export interface SuiteReporter {
  /** The name of its option without the dashes: `junit`. */
  readonly format: string;
  /**
   * The whole content of the file.
   *
   * @param folder the absolute path of the folder that the report will lie in, for links relative to it
   */
  report(result: SuiteResult, folder: string): string;
}

import type { SuiteReporter } from './suite-reporter.ts';

/** The whole result as one document. */
export const suiteJson: SuiteReporter = {
  format: 'json',
  report: (result) => `${JSON.stringify({ schema: 'lab/suite/1', ...result }, undefined, 2)}\n`,
};

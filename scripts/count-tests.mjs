// Prints `N passed, N failed, N skipped` from vitest's JSON report and exits with 1 if anything failed.
// count-tests.mjs REPORT VITEST_EXIT_CODE FAILED_CHECKS
import { readFileSync } from 'node:fs';

const [file, exitCode, failedChecks] = process.argv.slice(2);
const report = read(file);
const count = (...states) =>
  report.testResults
    .flatMap(({ assertionResults }) => assertionResults)
    .filter(({ status }) => states.includes(status)).length;
// A file that does not load has failed without a test that could say so.
const brokenFiles = report.testResults.filter(
  ({ status, assertionResults }) =>
    status === 'failed' && !assertionResults.some((test) => test.status === 'failed'),
).length;
const failedTests = count('failed') + brokenFiles;
// vitest also fails on errors outside of tests, or when it ran none.
const otherwiseFailed = failedTests === 0 && exitCode !== '0' ? 1 : 0;
const failed = failedTests + otherwiseFailed + Number(failedChecks);
console.log(
  `${count('passed')} passed, ${failed} failed, ${count('pending', 'skipped', 'todo', 'disabled')} skipped`,
);
process.exitCode = failed === 0 ? 0 : 1;

/** A vitest that died has left no report. */
function read(path) {
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch {
    return { testResults: [] };
  }
}

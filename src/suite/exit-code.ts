import { exitCode } from '../errors.ts';
import type { SuiteResult } from './result.ts';

/**
 * The exit code that a suite's result stands for. Of several kinds of failure the one that says least about the network
 * counts: what has not been judged may hide a claim that fails.
 */
export function suiteExitCode({ interrupted, runs }: SuiteResult): number {
  if (interrupted) return exitCode.interrupted;
  const errors = runs.filter(({ verdict }) => verdict === 'error');
  if (errors.some(({ reasonKind }) => reasonKind !== 'machine-lacks')) return exitCode.labFailed;
  if (errors.length > 0) return exitCode.machineLacks;
  return runs.some(({ verdict }) => verdict === 'fail') ? exitCode.claimFailed : exitCode.ok;
}

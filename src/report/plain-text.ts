import { stripVTControlCharacters } from 'node:util';
import type { RunResult } from '../scenarios/result.ts';
import { runLines } from './scenario-text.ts';

/** A run with its journeys and claims as text without colours. */
export function plainRunText(run: RunResult): string {
  return stripVTControlCharacters(runLines(run).join('\n'));
}

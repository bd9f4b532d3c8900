import { LabError } from '../../src/errors.ts';

/** The problems, one a line, with which a topology is refused; empty if it is not. */
export function refusalOf(parse: () => unknown): string[] {
  try {
    parse();
  } catch (error) {
    if (error instanceof LabError && error.code === 'usage') return error.message.split('\n').slice(1);
    throw error;
  }
  return [];
}

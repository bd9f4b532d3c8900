/** One thing that is wrong in one of DevStack's files. */
export interface FileProblem {
  readonly file: string;
  /** Counted from 1; 0 when it is the whole file. */
  readonly line: number;
  /** What was found, what was expected, what to do. Never a password. */
  readonly text: string;
}

/** Where a setting came from. */
export interface Origin {
  readonly file: string;
  readonly line: number;
}

/** One problem as a compiler would print it. */
export function problemLine({ file, line, text }: FileProblem): string {
  return line === 0 ? `${file}: ${text}` : `${file}:${line}: ${text}`;
}

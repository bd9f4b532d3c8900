/** Exit codes of every `lab` command. */
export const exitCode = {
  ok: 0,
  claimFailed: 1,
  usage: 2,
  labFailed: 3,
  machineLacks: 4,
  interrupted: 130,
} as const;

/** What kind of failure an error is; it decides the exit code. */
export type ErrorCode = 'usage' | 'lab-failed' | 'machine-lacks' | 'interrupted';

const exitCodes: Record<ErrorCode, number> = {
  usage: exitCode.usage,
  'lab-failed': exitCode.labFailed,
  'machine-lacks': exitCode.machineLacks,
  interrupted: exitCode.interrupted,
};

/**
 * The one error of the project. `message` is a sentence that says what was being done, to what, and what was
 * seen; `remedy` says what to do next. The stack is shown with --debug only.
 */
export class LabError extends Error {
  readonly code: ErrorCode;
  readonly remedy: string | undefined;

  constructor(code: ErrorCode, message: string, options: { remedy?: string; cause?: unknown } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'LabError';
    this.code = code;
    this.remedy = options.remedy;
  }

  get exitCode(): number {
    return exitCodes[this.code];
  }
}

/** The message of anything that was thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/*
 * What the conductor writes into the record of a console that it takes from a BMC, where the record begins, has a gap
 * or ends. Each stands in a line of its own.
 */

export const recordedFromHere = '[lab: recorded from here]';

/** Something is missing from here on, until it is recorded again. */
export function consoleLost(why: string): string {
  return `[lab: the console was lost: ${why}]`;
}

/** Nothing more is recorded until the node's power is put on. */
export function consoleGivenUp(why: string): string {
  return `[lab: no longer recorded: ${why}]`;
}

const givenUp = /^\[lab: no longer recorded: (.*)\]$/;

/** Why a line says that a console is no longer recorded; null where it is again, undefined for any other line. */
export function whyGivenUp(line: string): string | null | undefined {
  const text = line.trim();
  return text === recordedFromHere ? null : givenUp.exec(text)?.[1];
}

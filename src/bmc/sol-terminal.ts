import { LabError } from '../errors.ts';
import { waitFor } from '../wait.ts';
import type { IpmiClient } from './client.ts';
import { openSol } from './sol-client.ts';

const tilde = '~'.charCodeAt(0);
const lineEnds = [0x0a, 0x0d];
const drainTimeoutMs = 10_000;
/** After the input has ended, the console is listened to until it has been silent for this long. */
const silenceMs = 1_000;

/** What typed characters come to: those to send, and whether they ask to leave. */
export interface Typed {
  readonly send: Buffer;
  readonly action: 'none' | 'leave' | 'break';
}

/**
 * Reads what is typed at a console terminal: at the start of a line `~.` leaves, `~B` sends a break, `~~` is a
 * tilde. Keep one for each terminal; it remembers where in the line it is.
 */
export class EscapeReader {
  #isLineStart = true;
  #isEscaped = false;

  read(typed: Buffer): Typed {
    const send: number[] = [];
    for (const byte of typed) {
      if (this.#isEscaped) {
        this.#isEscaped = false;
        if (byte === '.'.charCodeAt(0)) return { send: Buffer.from(send), action: 'leave' };
        if (byte === 'B'.charCodeAt(0)) return { send: Buffer.from(send), action: 'break' };
        send.push(tilde);
        if (byte === tilde) continue;
      } else if (byte === tilde && this.#isLineStart) {
        this.#isEscaped = true;
        continue;
      }
      send.push(byte);
      this.#isLineStart = lineEnds.includes(byte);
    }
    return { send: Buffer.from(send), action: 'none' };
  }
}

/**
 * Connects standard input and output to the machine's serial console until the user leaves, the input ends, or the
 * console is taken away.
 *
 * @throws LabError `lab-failed` when the console is not to be had, or is taken away
 */
export async function runSolTerminal(client: IpmiClient, note: (line: string) => void): Promise<void> {
  const { stdin, stdout } = process;
  const reader = new EscapeReader();
  let finish: (why?: string) => void = () => {};
  const over = new Promise<string | undefined>((resolve) => {
    finish = resolve;
  });
  let heardAt = 0;
  const data = (characters: Buffer) => {
    heardAt = performance.now();
    stdout.write(characters);
  };
  const sol = await openSol(client, { data, ended: finish });
  note('connected; ~. at the start of a line leaves, ~B sends a break');
  const heard = (typed: Buffer) => {
    const { send, action } = reader.read(typed);
    if (send.length > 0) sol.write(send);
    if (action === 'leave') finish();
    if (action === 'break') sol.sendBreak();
  };
  const leaveWhenSilent = () => {
    const rest = heardAt + silenceMs - performance.now();
    if (rest <= 0) finish();
    else setTimeout(leaveWhenSilent, rest);
  };
  const inputEnded = () => {
    const drained = waitFor('the console to take what was typed', () => sol.drained() || undefined, {
      timeoutMs: drainTimeoutMs,
    });
    heardAt = performance.now();
    drained.then(leaveWhenSilent, () => finish('the console does not take what was typed'));
  };
  if (stdin.isTTY) stdin.setRawMode(true);
  stdin.on('data', heard).once('end', inputEnded);
  try {
    const why = await over;
    if (why !== undefined) throw new LabError('lab-failed', `the console ended: ${why}`);
  } finally {
    if (stdin.isTTY) stdin.setRawMode(false);
    stdin.off('data', heard).off('end', inputEnded).pause();
    await sol.close();
  }
}

import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { completion, ok, type Reply } from './completion.ts';

const byte = z.number().int().min(0).max(255);

/** The command by its name in IPMI 2.0 appendix G (`Get Chassis Status`), and what becomes of its answer. */
const fault = z.union([
  /** This completion code (table 5-2) and no data. */
  z.strictObject({ command: z.string(), completion: byte }),
  /** No answer at all. */
  z.strictObject({ command: z.string(), silent: z.literal(true) }),
  /** Acknowledged, but not carried out. */
  z.strictObject({ command: z.string(), ignored: z.literal(true) }),
  /** So many bytes of data, and not those that follow. */
  z.strictObject({ command: z.string(), truncated: z.number().int().min(0) }),
  /** The bits of this mask are the other way round in the byte of that number, which counts from 0 after the code. */
  z.strictObject({
    command: z.string(),
    flipped: z.strictObject({ byte: z.number().int().min(0), mask: byte }),
  }),
]);

/** How a BMC misbehaves on purpose. */
export type AnswerFault = z.infer<typeof fault>;

/** Reads the faults in a file, anew at each call; a file that is not there, or not whole yet, has none. */
export function answerFaults(file: string): AnswerFault[] {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch {
    return [];
  }
  try {
    return z.array(fault).parse(JSON.parse(text));
  } catch {
    return [];
  }
}

/** What a faulty BMC answers: undefined for nothing. `carryOut` does what was asked. */
export async function faultyReply(
  faults: readonly AnswerFault[],
  carryOut: () => Reply | Promise<Reply>,
): Promise<Reply | undefined> {
  const isIgnored = faults.some((it) => 'ignored' in it);
  let reply: Reply | undefined = isIgnored ? ok() : await carryOut();
  for (const it of faults) reply = reply && spoilt(it, reply);
  return reply;
}

function spoilt(it: AnswerFault, reply: Reply): Reply | undefined {
  if ('silent' in it) return undefined;
  if ('completion' in it) return { completion: it.completion, data: Buffer.alloc(0) };
  if ('truncated' in it) return { ...reply, data: reply.data.subarray(0, it.truncated) };
  if ('flipped' in it && reply.completion === completion.ok) {
    const data = Buffer.from(reply.data);
    const { byte: at, mask } = it.flipped;
    if (at < data.length) data[at] = (data[at] ?? 0) ^ mask;
    return { ...reply, data };
  }
  return reply;
}

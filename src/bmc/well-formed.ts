import { completionWords } from './completion.ts';
import type { TranscriptEntry } from './transcript.ts';

/** How many bytes of data the answer to a command has at least, and what else the specification says of it. */
interface AnswerForm {
  readonly bytes: number;
  readonly says?: (answer: Buffer) => boolean;
}

/** The commands of a deployment, by their names in IPMI 2.0 appendix G. */
const forms: Readonly<Record<string, AnswerForm>> = {
  'Get Device ID': { bytes: 11 },
  'Get Self Test Results': { bytes: 2 },
  'Get Channel Authentication Capabilities': { bytes: 8 },
  'Get Channel Cipher Suites': { bytes: 1 },
  // The level that is then in force (section 22.18); every client here asks for the administrator's.
  'Set Session Privilege Level': { bytes: 1, says: (answer) => answer[0] === 4 },
  'Get Chassis Status': { bytes: 3 },
  'Get System Boot Options': { bytes: 3 },
  'Get SDR Repository Info': { bytes: 14 },
  'Reserve SDR Repository': { bytes: 2 },
  'Get SDR': { bytes: 3 },
  'Get Sensor Reading': { bytes: 3 },
};

/** What is wrong with an answer, whatever it says: `with completion code 0xc1: …`; undefined when nothing is. */
export function flawOf({ name, completion, answer, silent }: TranscriptEntry): string | undefined {
  if (name === null) return undefined;
  if (silent) return 'not at all';
  if (completion !== 0)
    return `with completion code 0x${completion.toString(16)}: ${completionWords(completion)}`;
  const form = forms[name];
  const data = Buffer.from(answer ?? '', 'hex');
  if (!form) return undefined;
  if (data.length < form.bytes) return `with ${data.length} bytes, where ${form.bytes} belong`;
  return form.says?.(data) === false
    ? `with ${data.toString('hex')}, which is not what was asked for`
    : undefined;
}

/** System information parameters: what the machine and its software are called (IPMI 2.0 section 22.14a). */
import { fail, ok } from '../completion.ts';
import { privilege } from '../privilege.ts';
import type { CommandTable } from './command.ts';
import { firmwareVersion } from './device.ts';

const unsupported = 0x80;
const revision = 0x11;
const revisionOnly = 0x80;
const blockLength = 16;
const setInProgress = 0;
const firmwareParameter = 1;
const lastParameter = 6;

function key(parameter: number, block: number): string {
  return String(parameter * 256 + block);
}

/** The first block of a text: encoding, length, then 14 bytes of it. */
function firstBlock(text: string): Buffer {
  const block = Buffer.alloc(blockLength);
  block.set([0, text.length, ...Buffer.from(text, 'latin1').subarray(0, blockLength - 2)]);
  return block;
}

export const systemInfoCommands: CommandTable = {
  // Set System Info Parameters
  88: {
    privilege: privilege.administrator,
    length: [2, 2 + blockLength],
    run: (data, { bmc }) => {
      const [parameter = 0, block = 0] = data;
      if (parameter === setInProgress) return ok();
      if (parameter > lastParameter || parameter === firmwareParameter) return fail(unsupported);
      bmc.state.systemInfo[key(parameter, block)] = data.subarray(2).toString('hex');
      bmc.changed();
      return ok();
    },
  },
  // Get System Info Parameters
  89: {
    privilege: privilege.user,
    length: 4,
    run: (data, { bmc }) => {
      const [only = 0, parameter = 0, block = 0] = data;
      if (parameter > lastParameter) return fail(unsupported);
      if (only & revisionOnly) return ok([revision]);
      if (parameter === setInProgress) return ok([revision, 0]);
      const written = bmc.state.systemInfo[key(parameter, block)];
      const text = parameter === firmwareParameter && block === 0 ? firmwareVersion : '';
      const content = written === undefined ? firstBlock(text) : Buffer.from(written, 'hex');
      return ok(Buffer.concat([Buffer.from([revision, block]), content]));
    },
  },
};

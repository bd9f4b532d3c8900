/** FRU inventory commands (IPMI 2.0 section 34). There is FRU 0, the machine's own. */
import { completion, fail, ok } from '../completion.ts';
import { fruSize } from '../fru.ts';
import { privilege } from '../privilege.ts';
import { type CommandTable, uint } from './command.ts';

const machine = 0;
const byBytes = 0;
const longestRead = 128;

function content(hex: string): Buffer {
  const bytes = Buffer.alloc(fruSize);
  bytes.write(hex, 'hex');
  return bytes;
}

export const fruCommands: CommandTable = {
  // Get FRU Inventory Area Info
  16: {
    privilege: privilege.user,
    length: 1,
    run: (data) => (data[0] === machine ? ok([...uint(fruSize, 2), byBytes]) : fail(completion.notPresent)),
  },
  // Read FRU Data
  17: {
    privilege: privilege.user,
    length: 4,
    run: (data, { bmc }) => {
      if (data[0] !== machine) return fail(completion.notPresent);
      const offset = data.readUInt16LE(1);
      if (offset >= fruSize) return fail(completion.outOfRange);
      const count = Math.min(data.readUInt8(3), longestRead);
      const part = content(bmc.state.fru).subarray(offset, offset + count);
      return ok(Buffer.concat([Buffer.from([part.length]), part]));
    },
  },
  // Write FRU Data
  18: {
    privilege: privilege.operator,
    length: [3, 255],
    run: (data, { bmc }) => {
      if (data[0] !== machine) return fail(completion.notPresent);
      const offset = data.readUInt16LE(1);
      const written = data.subarray(3);
      if (offset + written.length > fruSize) return fail(completion.outOfRange);
      const bytes = content(bmc.state.fru);
      written.copy(bytes, offset);
      bmc.state.fru = bytes.toString('hex');
      bmc.changed();
      return ok([written.length]);
    },
  },
};

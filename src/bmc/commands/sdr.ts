/** SDR repository commands (IPMI 2.0 section 33). The repository is read-only. */
import { completion, fail, ok } from '../completion.ts';
import { privilege } from '../privilege.ts';
import { findRecord, sdrRecords } from '../sdr.ts';
import { type CommandTable, recordPart, uint } from './command.ts';

const version = 0x51;
/** Reserve and allocation information are supported. */
const operations = 0x03;
const unit = 64;
/** The one reservation, which all have: what never changes need not be guarded. */
const reservation = 1;

export const sdrCommands: CommandTable = {
  // Get SDR Repository Info
  32: {
    privilege: privilege.user,
    length: 0,
    run: () =>
      ok([version, ...uint(sdrRecords.length, 2), ...uint(0, 2), ...uint(0, 4), ...uint(0, 4), operations]),
  },
  // Get SDR Repository Allocation Info
  33: {
    privilege: privilege.user,
    length: 0,
    run: () => ok([...uint(sdrRecords.length, 2), ...uint(unit, 2), 0, 0, 0, 0, 1]),
  },
  // Reserve SDR Repository
  34: {
    privilege: privilege.user,
    length: 0,
    run: () => ok(uint(reservation, 2)),
  },
  // Get SDR
  35: {
    privilege: privilege.user,
    length: 6,
    run: (data) => {
      const [offset = 0, count = 0] = data.subarray(4);
      if (offset !== 0 && data.readUInt16LE(0) !== reservation) return fail(completion.reservationCanceled);
      const found = findRecord(data.readUInt16LE(2));
      return found ? recordPart(found.record, found.next, offset, count) : fail(completion.notPresent);
    },
  },
  // Get SDR Repository Time
  40: { privilege: privilege.user, length: 0, run: (_, { bmc }) => ok(uint(bmc.sel.time, 4)) },
};

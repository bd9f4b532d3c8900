/** System event log commands (IPMI 2.0 section 31). */
import { completion, fail, ok } from '../completion.ts';
import { privilege } from '../privilege.ts';
import { selCapacity } from '../sel.ts';
import { utcOffsetUnspecified } from '../state.ts';
import { type CommandTable, recordPart, uint } from './command.ts';

const version = 0x51;
const entryLength = 16;
/** Delete, reserve and allocation information are supported. */
const operations = 0x0b;
const overflowBit = 0x80;
const initiateErase = 0xaa;
const erased = 0x01;

export const selCommands: CommandTable = {
  // Get SEL Info
  64: {
    privilege: privilege.user,
    length: 0,
    run: (_, { bmc }) => {
      const { entries, addedAt, erasedAt, overflow } = bmc.state.sel;
      return ok([
        version,
        ...uint(entries.length, 2),
        ...uint((selCapacity - entries.length) * entryLength, 2),
        ...uint(addedAt, 4),
        ...uint(erasedAt, 4),
        operations | (overflow ? overflowBit : 0),
      ]);
    },
  },
  // Get SEL Allocation Info
  65: {
    privilege: privilege.user,
    length: 0,
    run: (_, { bmc }) => {
      const free = uint(selCapacity - bmc.state.sel.entries.length, 2);
      return ok([...uint(selCapacity, 2), ...uint(entryLength, 2), ...free, ...free, 1]);
    },
  },
  // Reserve SEL
  66: { privilege: privilege.user, length: 0, run: (_, { bmc }) => ok(uint(bmc.sel.reserve(), 2)) },
  // Get SEL Entry
  67: {
    privilege: privilege.user,
    length: 6,
    run: (data, { bmc }) => {
      const [offset = 0, count = 0] = data.subarray(4);
      const reservation = data.readUInt16LE(0);
      if (offset !== 0 && !bmc.sel.isReserved(reservation)) return fail(completion.reservationCanceled);
      const found = bmc.sel.get(data.readUInt16LE(2));
      return found ? recordPart(found.entry, found.next, offset, count) : fail(completion.notPresent);
    },
  },
  // Add SEL Entry
  68: {
    once: true,
    privilege: privilege.operator,
    length: entryLength,
    run: (data, { bmc }) => {
      const id = bmc.sel.add(data);
      bmc.changed();
      return id === undefined ? fail(completion.outOfSpace) : ok(uint(id, 2));
    },
  },
  // Delete SEL Entry
  70: {
    once: true,
    privilege: privilege.operator,
    length: 4,
    run: (data, { bmc }) => {
      const reservation = data.readUInt16LE(0);
      if (reservation !== 0 && !bmc.sel.isReserved(reservation)) return fail(completion.reservationCanceled);
      const id = bmc.sel.delete(data.readUInt16LE(2));
      if (id === undefined) return fail(completion.notPresent);
      bmc.changed();
      return ok(uint(id, 2));
    },
  },
  // Clear SEL
  71: {
    privilege: privilege.operator,
    length: 6,
    run: (data, { bmc }) => {
      if (data.toString('latin1', 2, 5) !== 'CLR') return fail(completion.invalidField);
      if (data[5] === initiateErase) {
        if (!bmc.sel.isReserved(data.readUInt16LE(0))) return fail(completion.reservationCanceled);
        bmc.sel.clear();
        bmc.changed();
      } else if (data[5] !== 0) return fail(completion.invalidField);
      return ok([erased]);
    },
  },
  // Get SEL Time
  72: { privilege: privilege.user, length: 0, run: (_, { bmc }) => ok(uint(bmc.sel.time, 4)) },
  // Set SEL Time
  73: {
    privilege: privilege.operator,
    length: 4,
    run: (data, { bmc }) => {
      bmc.sel.time = data.readUInt32LE(0);
      bmc.changed();
      return ok();
    },
  },
  // Get SEL Time UTC Offset
  92: { privilege: privilege.user, length: 0, run: (_, { bmc }) => ok(uint(bmc.state.sel.utcOffset, 2)) },
  // Set SEL Time UTC Offset
  93: {
    privilege: privilege.operator,
    length: 2,
    run: (data, { bmc }) => {
      const offset = data.readInt16LE(0);
      const widest = 1_440;
      if (Math.abs(offset) > widest && offset !== utcOffsetUnspecified) return fail(completion.outOfRange);
      bmc.state.sel.utcOffset = offset & 0xffff;
      bmc.changed();
      return ok();
    },
  },
};

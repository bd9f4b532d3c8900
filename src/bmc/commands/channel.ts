/** Channel commands: access, information, and the BMC key (IPMI 2.0 sections 22.22 to 22.25). */
import { type BmcParts, isLanChannel, lanChannel, type VolatileState } from '../bmc-parts.ts';
import { completion, fail, ok } from '../completion.ts';
import { privilege } from '../privilege.ts';
import type { CommandTable } from './command.ts';

/** Bits 7:6 of a request: the non-volatile settings, or those in force until the BMC restarts. */
const stored = 1;
const present = 2;
/** PEF alerting is off, for there is none. */
const noAlerts = 0x20;
const kgLength = 20;
const keyLocked = 0x80;

function accessPlace(bmc: BmcParts, bits: number): VolatileState['channelAccess'] | undefined {
  if (bits === stored) return bmc.state.channelAccess;
  return bits === present ? bmc.volatile.channelAccess : undefined;
}

export const channelCommands: CommandTable = {
  // Set Channel Access
  64: {
    privilege: privilege.administrator,
    length: 3,
    run: (data, { bmc }) => {
      const [channel = 0, access = 0, limit = 0] = data;
      if (!isLanChannel(channel)) return fail(completion.invalidField);
      if (access >> 6 > present || limit >> 6 > present) return fail(completion.invalidField);
      const forAccess = accessPlace(bmc, access >> 6);
      const forLimit = accessPlace(bmc, limit >> 6);
      if (forAccess) forAccess.mode = access & 0x07;
      if (forLimit) forLimit.privilege = limit & 0x0f;
      bmc.changed();
      return ok();
    },
  },
  // Get Channel Access
  65: {
    privilege: privilege.user,
    length: 2,
    run: (data, { bmc }) => {
      const [channel = 0, which = 0] = data;
      if (!isLanChannel(channel)) return fail(completion.invalidField);
      const access = accessPlace(bmc, which >> 6);
      return access ? ok([noAlerts | access.mode, access.privilege]) : fail(completion.invalidField);
    },
  },
  // Get Channel Info
  66: {
    privilege: privilege.user,
    length: 1,
    run: (data, { bmc }) => {
      if (!isLanChannel(data.readUInt8(0))) return fail(completion.invalidField);
      const lan8023 = 4;
      const ipmb = 1;
      const multiSession = 0x80;
      return ok([lanChannel, lan8023, ipmb, multiSession | bmc.sessions.size, 0xf2, 0x1b, 0, 0, 0]);
    },
  },
  // Set Channel Security Keys: the BMC key Kg; a random key Kr is not kept
  86: {
    privilege: privilege.administrator,
    length: [3, 3 + kgLength],
    run: (data, { bmc }) => {
      const [channel = 0, operation = 0, key = 0] = data;
      if (!isLanChannel(channel) || key !== 1) return fail(completion.invalidField);
      const read = 0;
      const write = 1;
      if ((operation & 0x03) === read) return ok([keyLocked >> 6]);
      if ((operation & 0x03) !== write) return fail(completion.invalidField);
      if (data.length !== 3 + kgLength) return fail(completion.lengthInvalid);
      const kg = data.subarray(3);
      bmc.state.kg = kg.every((byte) => byte === 0) ? '' : kg.toString('hex');
      bmc.changed();
      return ok([0x02]);
    },
  },
};

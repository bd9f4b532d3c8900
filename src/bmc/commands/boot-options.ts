/** Set and Get System Boot Options (IPMI 2.0 sections 28.12 and 28.13). */
import type { BmcParts } from '../bmc-parts.ts';
import {
  bootParameter,
  bootParameterLength,
  currentBootFlags,
  decodeBootFlags,
  getBootParameter,
  setBootParameter,
} from '../boot-options.ts';
import { completion, fail, ok, type Reply } from '../completion.ts';
import { privilege } from '../privilege.ts';
import type { CommandTable } from './command.ts';

const unsupported = 0x80;
const revision = 1;
const invalidBit = 0x80;

/** Persistent flags are the machine's own boot device from now on, and are acknowledged once they are. */
async function setFlags(bmc: BmcParts, data: Buffer): Promise<Reply> {
  if (data.length < 5) return fail(completion.lengthInvalid);
  const { valid, persistent, target } = decodeBootFlags(data);
  if (valid && persistent && target && !(await bmc.power.setBootDevice(target))) {
    return fail(completion.unspecified);
  }
  setBootParameter(bmc.state.bootOptions, bootParameter.flags, data);
  bmc.power.expectControl();
  bmc.changed();
  return ok();
}

export const bootOptionCommands: CommandTable = {
  8: {
    privilege: privilege.operator,
    length: [1, 18],
    run: async (data, { bmc }) => {
      const selector = data.readUInt8(0);
      const parameter = selector & 0x7f;
      const value = data.subarray(1);
      const length = bootParameterLength(parameter);
      if (length === undefined) return fail(unsupported);
      if (value.length > length) return fail(completion.lengthInvalid);
      const options = bmc.state.bootOptions;
      options.invalid = options.invalid.filter((other) => other !== parameter);
      if (selector & invalidBit) options.invalid.push(parameter);
      // The parameter number alone changes only whether the parameter is marked as valid.
      if (parameter === bootParameter.flags && value.length > 0) return setFlags(bmc, value);
      setBootParameter(options, parameter, value);
      if (parameter === bootParameter.validBitClearing) bmc.power.expectControl();
      bmc.changed();
      return ok();
    },
  },
  9: {
    privilege: privilege.operator,
    length: 3,
    run: (data, { bmc }) => {
      const parameter = data.readUInt8(0) & 0x7f;
      const options = bmc.state.bootOptions;
      const value = getBootParameter(options, parameter);
      if (!value) return fail(unsupported);
      const isInvalid =
        options.invalid.includes(parameter) ||
        (parameter === bootParameter.flags &&
          !currentBootFlags(options).valid &&
          value.every((byte) => byte === 0));
      return ok(Buffer.concat([Buffer.from([revision, parameter | (isInvalid ? invalidBit : 0)]), value]));
    },
  },
};

/** IPM device commands and ACPI power states (IPMI 2.0 section 20). */
import { completion, fail, ok } from '../completion.ts';
import { privilege } from '../privilege.ts';
import { type CommandTable, uint } from './command.ts';

/** What a BMC calls itself in Get Device ID. */
export const deviceId = 0x20;
const firmware = { major: 1, minor: 0 };
const ipmi20 = 0x02;
/** Chassis, FRU, SEL, SDR repository, sensors. */
const functions = 0x8f;
const manufacturer = 0;
const product = 1;

const noError = 0x55;
const setBit = 0x80;
const noChange = 0x7f;

/** The firmware version in words. */
export const firmwareVersion = `${firmware.major}.${firmware.minor}0`;

export const deviceCommands: CommandTable = {
  // Get Device ID
  1: {
    privilege: privilege.user,
    length: 0,
    run: () =>
      ok([
        ...[deviceId, 0x01, firmware.major, firmware.minor, ipmi20, functions],
        ...[...uint(manufacturer, 3), ...uint(product, 2), 0, 0, 0, 0],
      ]),
  },
  // Cold Reset
  2: {
    privilege: privilege.administrator,
    length: 0,
    run: (_, { bmc }) => {
      bmc.restart();
      return ok();
    },
  },
  // Warm Reset
  3: {
    privilege: privilege.administrator,
    length: 0,
    run: (_, { bmc }) => {
      bmc.restart();
      return ok();
    },
  },
  // Get Self Test Results
  4: { privilege: privilege.user, length: 0, run: () => ok([noError, 0]) },
  // Set ACPI Power State
  6: {
    privilege: privilege.administrator,
    length: 2,
    run: (data, { bmc }) => {
      const [system = 0, device = 0] = data;
      if (system & setBit && (system & 0x7f) !== noChange) bmc.state.acpi.system = system & 0x7f;
      if (device & setBit && (device & 0x7f) !== noChange) bmc.state.acpi.device = device & 0x7f;
      bmc.changed();
      return ok();
    },
  },
  // Get ACPI Power State
  7: {
    privilege: privilege.user,
    length: 0,
    run: (_, { bmc }) => ok([bmc.state.acpi.system, bmc.state.acpi.device]),
  },
  // Get Device GUID
  8: {
    privilege: privilege.user,
    length: 0,
    run: (_, { bmc }) => ok(Buffer.from(bmc.state.guid, 'hex')),
  },
  // Set BMC Global Enables
  46: {
    privilege: privilege.administrator,
    length: 1,
    run: (data, { bmc }) => {
      const [enables = 0] = data;
      if (enables & 0x10) return fail(completion.invalidField);
      bmc.volatile.globalEnables = enables;
      return ok();
    },
  },
  // Get BMC Global Enables
  47: { privilege: privilege.user, length: 0, run: (_, { bmc }) => ok([bmc.volatile.globalEnables]) },
};

/** Chassis commands (IPMI 2.0 section 28), but for the boot options. */
import type { BmcParts } from '../bmc-parts.ts';
import { completion, fail, ok } from '../completion.ts';
import { type PowerAction, restartCause } from '../power-control.ts';
import { privilege } from '../privilege.ts';
import { type CommandTable, uint } from './command.ts';

/** Chassis Control's actions (table 28-4), by their number. */
const actions: readonly PowerAction[] = ['off', 'on', 'cycle', 'reset', 'diag', 'soft'];

const bmcAddress = 0x20;
const identifyDefaultS = 15;
const identifySupported = 0x40;
const identifyTimed = 0x10;
const identifyEndless = 0x20;
const allPolicies = 0x07;
const noPolicyChange = 3;
const minutesPerCount = 1;
const buttonsCanBeDisabled = 0xf0;

function identifyBits({ clock, volatile }: BmcParts): number {
  if (volatile.identifyUntil === Number.POSITIVE_INFINITY) return identifySupported | identifyEndless;
  return identifySupported | (volatile.identifyUntil > clock.now() ? identifyTimed : 0);
}

export const chassisCommands: CommandTable = {
  // Get Chassis Capabilities
  0: {
    privilege: privilege.user,
    length: 0,
    run: () => ok([0, bmcAddress, bmcAddress, bmcAddress, bmcAddress]),
  },
  // Get Chassis Status
  1: {
    privilege: privilege.user,
    length: 0,
    run: async (_, { bmc }) => {
      const isOn = (await bmc.power.read()) === 'on';
      const { restorePolicy, lastEvent } = bmc.state.power;
      const buttons = buttonsCanBeDisabled | bmc.state.frontPanelDisabled;
      return ok([(isOn ? 1 : 0) | (restorePolicy << 5), lastEvent, identifyBits(bmc), buttons]);
    },
  },
  // Chassis Control
  2: {
    once: true,
    privilege: privilege.operator,
    length: 1,
    run: async (data, { bmc }) => {
      const action = actions[data.readUInt8(0) & 0x0f];
      if (!action) return fail(completion.invalidField);
      if (action === 'on' && bmc.ignoresPowerOn()) return ok();
      return fail(await bmc.power.perform(action, restartCause.chassisControl));
    },
  },
  // Chassis Identify
  4: {
    privilege: privilege.operator,
    length: [0, 2],
    run: (data, { bmc }) => {
      const [seconds = identifyDefaultS, force = 0] = data;
      bmc.volatile.identifyUntil =
        force & 1 ? Number.POSITIVE_INFINITY : seconds === 0 ? 0 : bmc.clock.now() + seconds * 1_000;
      return ok();
    },
  },
  // Set Power Restore Policy
  6: {
    privilege: privilege.operator,
    length: 1,
    run: (data, { bmc }) => {
      const policy = data.readUInt8(0) & 0x07;
      if (policy > noPolicyChange) return fail(completion.invalidField);
      if (policy !== noPolicyChange) {
        bmc.state.power.restorePolicy = policy;
        bmc.changed();
      }
      return ok([allPolicies]);
    },
  },
  // Get System Restart Cause
  7: {
    privilege: privilege.user,
    length: 0,
    run: (_, { bmc }) => ok([bmc.state.power.restartCause, 1]),
  },
  // Set Front Panel Button Enables
  10: {
    privilege: privilege.administrator,
    length: 1,
    run: (data, { bmc }) => {
      bmc.state.frontPanelDisabled = data.readUInt8(0) & 0x0f;
      bmc.changed();
      return ok();
    },
  },
  // Set Power Cycle Interval
  11: {
    privilege: privilege.administrator,
    length: 1,
    run: (data, { bmc }) => {
      bmc.state.power.cycleInterval = data.readUInt8(0);
      bmc.changed();
      return ok();
    },
  },
  // Get POH Counter
  15: {
    privilege: privilege.user,
    length: 0,
    run: (_, { bmc }) =>
      ok([minutesPerCount, ...uint(Math.floor(bmc.power.onMilliseconds / 60_000 / minutesPerCount), 4)]),
  },
};

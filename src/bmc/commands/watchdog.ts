/** Watchdog timer commands (IPMI 2.0 section 27). */
import { fail, ok } from '../completion.ts';
import { privilege } from '../privilege.ts';
import type { CommandTable } from './command.ts';

const notInitialized = 0x80;

export const watchdogCommands: CommandTable = {
  // Reset Watchdog Timer
  34: {
    privilege: privilege.operator,
    length: 0,
    run: (_, { bmc }) => (bmc.watchdog.start() ? ok() : fail(notInitialized)),
  },
  // Set Watchdog Timer
  36: {
    privilege: privilege.operator,
    length: 6,
    run: (data, { bmc }) => {
      bmc.watchdog.set(data);
      return ok();
    },
  },
  // Get Watchdog Timer
  37: { privilege: privilege.user, length: 0, run: (_, { bmc }) => ok(bmc.watchdog.get()) },
};

import { netFn } from '../ipmi-message.ts';
import { bootOptionCommands } from './boot-options.ts';
import { channelCommands } from './channel.ts';
import { chassisCommands } from './chassis.ts';
import type { Command, CommandTable } from './command.ts';
import { deviceCommands } from './device.ts';
import { fruCommands } from './fru.ts';
import { lanCommands } from './lan.ts';
import { payloadCommands } from './payload.ts';
import { sdrCommands } from './sdr.ts';
import { selCommands } from './sel.ts';
import { sensorCommands } from './sensors.ts';
import { sessionCommands } from './session.ts';
import { systemInfoCommands } from './system-info.ts';
import { userCommands } from './users.ts';
import { watchdogCommands } from './watchdog.ts';

const tables: Readonly<Record<number, CommandTable>> = {
  [netFn.chassis]: { ...chassisCommands, ...bootOptionCommands },
  [netFn.sensorEvent]: sensorCommands,
  [netFn.app]: {
    ...deviceCommands,
    ...watchdogCommands,
    ...sessionCommands,
    ...channelCommands,
    ...userCommands,
    ...payloadCommands,
    ...systemInfoCommands,
  },
  [netFn.storage]: { ...fruCommands, ...sdrCommands, ...selCommands },
  [netFn.transport]: lanCommands,
};

/** The command with this network function and number; undefined when the BMC has none such. */
export function findCommand(fn: number, number: number): Command | undefined {
  return tables[fn]?.[number];
}

/** Sensor and event commands (IPMI 2.0 sections 29 and 35). */
import type { BmcParts } from '../bmc-parts.ts';
import { completion, fail, ok, type Reply } from '../completion.ts';
import { privilege } from '../privilege.ts';
import { encodeReading, encodeThresholds, findSensor, readingType, type Sensor } from '../sensors.ts';
import type { Command, CommandTable } from './command.ts';

const scanningAndEvents = 0xc0;

function ofSensor(
  length: Command['length'],
  run: (bmc: BmcParts, sensor: Sensor) => Reply | Promise<Reply>,
): Command {
  return {
    privilege: privilege.user,
    length,
    run: (data, { bmc }) => {
      const sensor = findSensor(data.readUInt8(0));
      return sensor ? run(bmc, sensor) : fail(completion.notPresent);
    },
  };
}

export const sensorCommands: CommandTable = {
  // Platform Event: what a client reports goes to the log as it came
  2: {
    once: true,
    privilege: privilege.operator,
    length: [7, 8],
    run: (data, { bmc }) => {
      const [revision = 4, type = 0, number = 0, direction = 0, ...details] = data.subarray(-7);
      const fromRemoteConsole = 0x41;
      const generator = data.length === 8 ? data.readUInt8(0) : fromRemoteConsole;
      const entry = Buffer.alloc(16);
      entry.set([generator, 0, revision, type, number, direction, ...details], 7);
      entry[2] = 0x02;
      if (bmc.sel.add(entry) === undefined) return fail(completion.outOfSpace);
      bmc.changed();
      return ok();
    },
  },
  // Get Sensor Hysteresis
  37: ofSensor(2, (_, sensor) => (sensor.kind === 'analog' ? ok([1, 1]) : fail(completion.invalidCommand))),
  // Get Sensor Thresholds
  39: ofSensor(1, (_, sensor) =>
    sensor.kind === 'analog' ? ok(encodeThresholds(sensor.thresholds)) : fail(completion.invalidCommand),
  ),
  // Get Sensor Event Enable
  41: ofSensor(1, () => ok([scanningAndEvents, 0, 0, 0, 0])),
  // Get Sensor Event Status
  43: ofSensor(1, () => ok([scanningAndEvents, 0, 0, 0, 0])),
  // Get Sensor Reading
  45: ofSensor(1, async (bmc, sensor) =>
    ok(
      encodeReading(sensor, {
        power: await bmc.power.read(),
        sinceMs: bmc.power.sinceMs,
        watchdogExpired: bmc.watchdog.hasExpired,
      }),
    ),
  ),
  // Get Sensor Type
  47: ofSensor(1, (_, sensor) => ok([sensor.type, readingType(sensor)])),
};

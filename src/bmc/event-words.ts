/** Events in words (IPMI 2.0 tables 42-2 and 42-3): the sensors that machines report most. Pure. */

const sensorTypes: Readonly<Record<number, { name: string; offsets: readonly string[] }>> = {
  1: { name: 'Temperature', offsets: [] },
  2: { name: 'Voltage', offsets: [] },
  4: { name: 'Fan', offsets: [] },
  5: { name: 'Physical Security', offsets: ['chassis intrusion'] },
  6: {
    name: 'Platform Security',
    offsets: [
      'front panel lockout violation',
      'user password violation',
      'set-up password violation',
      'network boot password violation',
      'password violation',
      'log-in refused',
    ],
  },
  8: { name: 'Power Supply', offsets: ['present', 'failure', 'predictive failure', 'input lost'] },
  9: { name: 'Power Unit', offsets: ['off', 'power cycle', '240 VA down', 'interlock down', 'AC lost'] },
  12: { name: 'Memory', offsets: ['correctable ECC', 'uncorrectable ECC'] },
  15: { name: 'System Firmware', offsets: ['error', 'hang', 'progress'] },
  16: { name: 'Event Log', offsets: ['correctable error off', 'type off', 'cleared', 'all off', 'full'] },
  18: { name: 'System Event', offsets: ['reconfigured', 'OEM boot', 'hardware failure'] },
  29: {
    name: 'System Boot',
    offsets: ['started by power up', 'started by hard reset', 'started by warm reset', 'PXE boot requested'],
  },
  32: {
    name: 'OS Stop',
    offsets: ['stopped during load', 'stopped at run time', 'graceful stop', 'shutdown'],
  },
  34: {
    name: 'Power State',
    offsets: ['on', 'asleep (S1)', 'asleep (S2)', 'asleep (S3)', 'hibernating (S4)', 'off'],
  },
  35: { name: 'Watchdog', offsets: ['expired', 'hard reset', 'power down', 'power cycle'] },
};

const thresholds = [
  ...['below lower non-critical', 'above lower non-critical', 'below lower critical', 'above lower critical'],
  ...['below lower non-recoverable', 'above lower non-recoverable'],
  ...['below upper non-critical', 'above upper non-critical', 'below upper critical', 'above upper critical'],
  ...['below upper non-recoverable', 'above upper non-recoverable'],
];

const thresholdEvent = 0x01;
const sensorSpecificEvent = 0x6f;

function sensorTypeName(type: number): string {
  return sensorTypes[type]?.name ?? `sensor type 0x${type.toString(16).padStart(2, '0')}`;
}

/** A state of a discrete sensor in words. */
export function stateWords(type: number, offset: number): string {
  return sensorTypes[type]?.offsets[offset] ?? `state ${offset}`;
}

/** A 16-byte SEL entry in words. Entries of OEM types are shown as they are. */
export function eventWords(entry: Buffer): { sensor: string; event: string } {
  const systemEvent = 0x02;
  if (entry[2] !== systemEvent) return { sensor: 'OEM', event: entry.toString('hex', 3) };
  const type = entry.readUInt8(10);
  const sensor = `${sensorTypeName(type)} #${entry.readUInt8(11)}`;
  const direction = entry.readUInt8(12);
  const offset = entry.readUInt8(13) & 0x0f;
  const kind = direction & 0x7f;
  const event =
    kind === sensorSpecificEvent
      ? stateWords(type, offset)
      : kind === thresholdEvent
        ? (thresholds[offset] ?? `threshold ${offset}`)
        : `event type 0x${kind.toString(16)} state ${offset}`;
  return { sensor, event: direction & 0x80 ? `${event} (ended)` : event };
}

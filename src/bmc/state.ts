/** What a BMC keeps in its non-volatile memory, as plain data. Byte strings are hexadecimal. */
import { z } from 'zod';
import { emptyUser, type User, userCount } from './users.ts';

const hex = z.string().regex(/^([0-9a-f]{2})*$/);
const byte = z.number().int().min(0).max(255);
const parameters = z.record(z.string().regex(/^\d+$/), hex);

const user = z.object({
  name: z.string().max(16),
  password: hex,
  passwordSize: z.union([z.literal(16), z.literal(20)]),
  enabled: z.boolean(),
  privilege: byte,
  messaging: z.boolean(),
  linkAuthentication: z.boolean(),
  callbackOnly: z.boolean(),
  serialOverLan: z.boolean(),
});

const stateSchema = z.object({
  version: z.literal(1),
  /** The system GUID as on the wire, 16 bytes. */
  guid: hex.length(32),
  users: z.array(user).length(userCount),
  /** Kg, 20 bytes; '' when there is none. */
  kg: hex,
  channelAccess: z.object({ mode: byte, privilege: byte }),
  /** Parameters that were written, by number. What is not here has its default. */
  lan: parameters,
  sol: parameters,
  bootOptions: z.object({ values: parameters, invalid: z.array(byte) }),
  systemInfo: parameters,
  sel: z.object({
    /** 16 bytes each, with the record id first. */
    entries: z.array(hex.length(32)),
    nextId: z.number().int(),
    addedAt: z.number().int(),
    erasedAt: z.number().int(),
    overflow: z.boolean(),
    /** Seconds that the SEL's clock is ahead of the machine's. */
    clockOffset: z.number().int(),
    /** Minutes from UTC; 2047 when unspecified. */
    utcOffset: z.number().int(),
  }),
  fru: hex,
  power: z.object({
    wasOn: z.boolean(),
    restorePolicy: z.number().int().min(0).max(2),
    restartCause: byte,
    lastEvent: byte,
    onMilliseconds: z.number().min(0),
    cycleInterval: byte,
  }),
  frontPanelDisabled: byte,
  acpi: z.object({ system: byte, device: byte }),
});

export type BmcState = z.infer<typeof stateSchema>;

/** SEL UTC offset that means "unspecified" (IPMI 2.0 section 31.11a). */
export const utcOffsetUnspecified = 0x7ff;

/**
 * The state of a BMC fresh from the factory.
 *
 * @param first the first user with a name; user 1, the one without a name, cannot log in
 * @param guid 16 bytes as on the wire
 * @param fru the content of its FRU
 */
export function factoryState(first: User, guid: Buffer, fru: Buffer): BmcState {
  return {
    version: 1,
    guid: guid.toString('hex'),
    users: Array.from({ length: userCount }, (_, index) => (index === 1 ? first : emptyUser())),
    kg: '',
    channelAccess: { mode: 2, privilege: 4 },
    lan: {},
    sol: {},
    bootOptions: { values: {}, invalid: [] },
    systemInfo: {},
    sel: {
      entries: [],
      nextId: 1,
      addedAt: 0,
      erasedAt: 0,
      overflow: false,
      clockOffset: 0,
      utcOffset: utcOffsetUnspecified,
    },
    fru: fru.toString('hex'),
    power: {
      wasOn: false,
      restorePolicy: 0,
      restartCause: 0,
      lastEvent: 0,
      onMilliseconds: 0,
      cycleInterval: 0,
    },
    frontPanelDisabled: 0,
    acpi: { system: 0x2a, device: 0x2a },
  };
}

/** The state in a stored document; throws zod's error when it is not one. */
export function parseState(document: unknown): BmcState {
  return stateSchema.parse(document);
}

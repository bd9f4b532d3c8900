/** LAN configuration parameters (IPMI 2.0 section 23.1, table 23-4). */
import { type CipherSuite, cipherSuites } from './cipher-suites.ts';
import { privilege } from './privilege.ts';
import type { BmcState } from './state.ts';

const lanParameter = {
  setInProgress: 0,
  authenticationSupport: 1,
  ipAddress: 3,
  ipSource: 4,
  macAddress: 5,
  subnetMask: 6,
  gateway: 12,
  suiteCount: 22,
  suites: 23,
  suitePrivileges: 24,
} as const;

/** Where a BMC stands on its network, as its LAN parameters tell it. */
export interface LanIdentity {
  /** Dotted. */
  readonly address: string;
  readonly port: number;
  /** Lower-case colon form. */
  readonly mac: string;
}

const staticAddress = 1;
/** Entries of the list of cipher suites; those not used are 0. */
const mostSuites = 16;
const md5AndPassword = 0x14;

function privilegesOf(suites: readonly CipherSuite[]): number[] {
  const levels = suites.map(() => privilege.administrator as number);
  return [
    0,
    ...Array.from({ length: 8 }, (_, pair) => (levels[2 * pair] ?? 0) | ((levels[2 * pair + 1] ?? 0) << 4)),
  ];
}

/** What each parameter reads as long as nothing was written; those of section 23.1 that are absent are not there. */
function defaults(
  identity: LanIdentity,
  suites: readonly CipherSuite[],
  allow15: boolean,
): Readonly<Record<number, readonly number[]>> {
  const types = allow15 ? md5AndPassword : 0;
  return {
    [lanParameter.setInProgress]: [0],
    [lanParameter.authenticationSupport]: [types],
    2: [types, types, types, types, 0],
    [lanParameter.ipAddress]: identity.address.split('.').map(Number),
    [lanParameter.ipSource]: [staticAddress],
    [lanParameter.macAddress]: identity.mac.split(':').map((part) => Number.parseInt(part, 16)),
    [lanParameter.subnetMask]: [255, 255, 255, 0],
    7: [64, 0x40, 0x10],
    8: [identity.port & 0xff, identity.port >> 8],
    9: [0x98, 0x02],
    10: [0x03],
    11: [0],
    [lanParameter.gateway]: [0, 0, 0, 0],
    13: [0, 0, 0, 0, 0, 0],
    14: [0, 0, 0, 0],
    15: [0, 0, 0, 0, 0, 0],
    16: [...Buffer.from('public'.padEnd(18, '\0'))],
    17: [0],
    20: [0, 0],
    21: [0],
    [lanParameter.suiteCount]: [suites.length],
    [lanParameter.suites]: [
      ...Buffer.concat([Buffer.from([0, ...suites.map((suite) => suite.id)])], 1 + mostSuites),
    ],
    [lanParameter.suitePrivileges]: privilegesOf(suites),
    26: [0, 0, 0, 0, 0, 0],
  };
}

const readOnly: readonly number[] = [
  lanParameter.authenticationSupport,
  17,
  lanParameter.suiteCount,
  lanParameter.suites,
];

/** Whether a parameter can be written, and the length of its data; undefined when there is no such parameter. */
export function lanParameterForm(parameter: number): { length: number; isReadOnly: boolean } | undefined {
  const nowhere = { address: '0.0.0.0', port: 0, mac: '00:00:00:00:00:00' };
  const bytes = defaults(nowhere, cipherSuites, true)[parameter];
  return bytes && { length: bytes.length, isReadOnly: readOnly.includes(parameter) };
}

/** A parameter's bytes; undefined when there is no such parameter. */
export function getLanParameter(
  state: BmcState,
  parameter: number,
  bmc: { lan: LanIdentity; suites: readonly CipherSuite[]; allow15: boolean },
): Buffer | undefined {
  const written = state.lan[parameter];
  if (written !== undefined) return Buffer.from(written, 'hex');
  const bytes = defaults(bmc.lan, bmc.suites, bmc.allow15)[parameter];
  return bytes && Buffer.from(bytes);
}

/** The highest privilege of sessions with an offered suite; 0 when the suite may not be used. */
export function suitePrivilege(state: BmcState, offered: readonly CipherSuite[], id: number): number {
  const index = offered.findIndex((suite) => suite.id === id);
  if (index === -1) return 0;
  const written = state.lan[lanParameter.suitePrivileges];
  const bytes = written === undefined ? Buffer.from(privilegesOf(offered)) : Buffer.from(written, 'hex');
  const pair = bytes[1 + (index >> 1)] ?? 0;
  return Math.min((pair >> (4 * (index & 1))) & 0x0f, privilege.administrator);
}

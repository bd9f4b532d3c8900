import type { CipherSuite } from './cipher-suites.ts';
import type { Clock } from './clock.ts';
import type { Ipmi15Login } from './ipmi15-login.ts';
import type { LanIdentity } from './lan-configuration.ts';
import type { PowerControl } from './power-control.ts';
import type { SystemEventLog } from './sel.ts';
import type { Session } from './session.ts';
import type { SessionTable } from './session-table.ts';
import type { SolServer } from './sol-server.ts';
import type { BmcState } from './state.ts';
import type { Watchdog } from './watchdog.ts';

/** The one LAN channel of the BMC, and the number by which a request means "this channel". */
export const lanChannel = 1;
const presentChannel = 0x0e;

/** Whether a request's channel field names the LAN channel. */
export function isLanChannel(field: number): boolean {
  const channel = field & 0x0f;
  return channel === lanChannel || channel === presentChannel;
}

/** What the command handlers work on. */
export interface BmcParts {
  /** Non-volatile; call `changed` after a change. */
  readonly state: BmcState;
  readonly lan: LanIdentity;
  /** The suites offered. */
  readonly suites: readonly CipherSuite[];
  /** Whether sessions of IPMI 1.5 are accepted. */
  readonly allow15: boolean;
  readonly clock: Clock;
  readonly sel: SystemEventLog;
  readonly sessions: SessionTable;
  readonly login15: Ipmi15Login;
  readonly power: PowerControl;
  readonly watchdog: Watchdog;
  readonly sol: SolServer;
  /** A fault: power-on is acknowledged and not carried out. */
  readonly ignoresPowerOn: () => boolean;
  readonly volatile: VolatileState;
  changed(): void;
  /** Restarts the BMC once the request under way was answered. */
  restart(): void;
}

/** What a restart of the BMC forgets. */
export interface VolatileState {
  channelAccess: BmcState['channelAccess'];
  /** Until when the chassis identifies itself, on the clock; Infinity without end. */
  identifyUntil: number;
  globalEnables: number;
}

/** What a handler is told beside the request's data. */
export interface CommandContext {
  readonly bmc: BmcParts;
  readonly session: Session;
}

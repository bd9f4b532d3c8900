/** BMCs on UDP sockets: as many in one process as are asked for. */
import { createHash, randomBytes } from 'node:crypto';
import { createSocket, type Socket } from 'node:dgram';
import { LabError, messageOf } from '../errors.ts';
import type { AnswerFault } from './answer-faults.ts';
import { Bmc } from './bmc.ts';
import type { Chassis } from './chassis.ts';
import { cipherSuite, defaultSuiteIds } from './cipher-suites.ts';
import { systemClock } from './clock.ts';
import { encodeFru, type MachineIdentity } from './fru.ts';
import { type BmcState, factoryState } from './state.ts';
import { forgetfulStore, type StateStore } from './state-file.ts';
import type { TranscriptEntry } from './transcript.ts';
import { enabledUser, longestPassword, nameLength } from './users.ts';

/** One BMC to serve. */
export interface BmcConfig {
  /** Shown in the log; also what the machine's serial number and MAC are made from. */
  readonly name: string;
  /** The IPv4 address to listen on. */
  readonly address: string;
  /** The UDP port; 0: any free one. The standard one is 623. */
  readonly port: number;
  /** The administrator that a BMC fresh from the factory has. Later changes are kept in the store. */
  readonly user: string;
  readonly password: string;
  readonly chassis: Chassis;
  readonly store?: StateStore;
  /** Ids of the cipher suites offered. */
  readonly suites?: readonly number[];
  /** The BMC key, at most 20 bytes. */
  readonly kg?: Buffer;
  /** Refuse IPMI 1.5 sessions. */
  readonly lanplusOnly?: boolean;
  readonly machine?: MachineIdentity;
  /** The machine's UUID, told as the system GUID; without one it is made from the name. */
  readonly uuid?: string;
  readonly sessionLimit?: number;
  /** The mains power has come back with this start: follow the power restore policy. */
  readonly powerRestored?: boolean;
  readonly log?: (line: string) => void;
  /** Told each request when it was answered, or was to be. */
  readonly answered?: (entry: TranscriptEntry) => void;
  /** How its answers are spoilt on purpose. */
  readonly faults?: () => readonly AnswerFault[];
  /** A fault: power-on is acknowledged and not carried out while this answers true. */
  readonly ignoresPowerOn?: () => boolean;
}

/** A BMC that answers. */
export interface ServedBmc {
  readonly name: string;
  readonly address: string;
  readonly port: number;
  readonly load: Bmc['load'];
  /** Stops answering and stores the state. */
  close(): Promise<void>;
}

const defaultSessionLimit = 32;
/** Room for the answers and requests of hundreds of clients at once. */
const socketBuffer = 1024 * 1024;

/**
 * Serves a BMC until it is closed.
 *
 * @throws LabError `usage` for a name, password, suite or key that cannot be; `lab-failed` when the address is
 *   taken, the state file is damaged, or the machine under the BMC cannot be reached
 */
export async function serveBmc(config: BmcConfig): Promise<ServedBmc> {
  const suites = (config.suites ?? defaultSuiteIds).map((id) => {
    const suite = cipherSuite(id);
    if (!suite) throw new LabError('usage', `there is no cipher suite ${id} to offer`);
    return suite;
  });
  const { store = forgetfulStore, log = () => {} } = config;
  const state = (await store.load()) ?? (await freshState(config));
  const socket = await listen(config.address, config.port);
  const { port } = socket.address();
  const bmc = new Bmc({
    chassis: config.chassis,
    state,
    store,
    lan: { address: config.address, port, mac: macOf(config.name) },
    suites,
    allow15: !config.lanplusOnly,
    sessionLimit: config.sessionLimit ?? defaultSessionLimit,
    clock: systemClock,
    random: randomBytes,
    send: (peer, datagram) => {
      if (!closed) socket.send(datagram, peer.port, peer.address);
    },
    log: (line) => log(`${config.name}: ${line}`),
    answered: config.answered ?? (() => {}),
    faults: config.faults ?? (() => []),
    ignoresPowerOn: config.ignoresPowerOn ?? (() => false),
  });
  let closed = false;
  socket.on('message', (datagram, from) => {
    bmc.receive({ address: from.address, port: from.port }, datagram).catch((error: unknown) => {
      log(`${config.name}: a datagram was not handled: ${messageOf(error)}`);
    });
  });
  // An answer that cannot be delivered (the peer is gone) is no concern of the BMC's.
  socket.on('error', (error) => log(`${config.name}: ${error.message}`));
  if (config.powerRestored) await bmc.restorePower();
  return {
    name: config.name,
    address: config.address,
    port,
    get load() {
      return bmc.load;
    },
    async close() {
      await bmc.close();
      closed = true;
      await new Promise<void>((resolve) => socket.close(() => resolve()));
    },
  };
}

async function freshState(config: BmcConfig): Promise<BmcState> {
  const { name, user, password, kg } = config;
  if (user.length === 0 || Buffer.byteLength(user, 'latin1') > nameLength) {
    throw new LabError('usage', `the BMC user's name must have 1 to ${nameLength} characters`);
  }
  if (Buffer.byteLength(password) > longestPassword) {
    throw new LabError(
      'usage',
      `the password of the BMC user ${user} has more than ${longestPassword} bytes`,
    );
  }
  if (kg && kg.length > longestPassword) {
    throw new LabError('usage', `the BMC key has more than ${longestPassword} bytes`);
  }
  const machine = config.machine ?? { manufacturer: 'lab', product: 'virtual server', serial: name };
  const state = factoryState(
    enabledUser(user, password),
    guidBytes(config.uuid ?? uuidOf(name)),
    encodeFru(machine),
  );
  if (kg) state.kg = Buffer.concat([kg], longestPassword).toString('hex');
  state.power.wasOn = (await config.chassis.powerState()) === 'on';
  return state;
}

/** The GUID on the wire: the UUID's bytes in reverse (IPMI 2.0 table 20-10). */
function guidBytes(uuid: string): Buffer {
  return Buffer.from(uuid.replaceAll('-', ''), 'hex').reverse();
}

/** A UUID that is always the same for the same name. */
function uuidOf(name: string): string {
  const bytes = createHash('sha256').update(`uuid ${name}`).digest().subarray(0, 16);
  bytes[6] = (bytes.readUInt8(6) & 0x0f) | 0x40;
  bytes[8] = (bytes.readUInt8(8) & 0x3f) | 0x80;
  return bytes.toString('hex');
}

/** A locally administered MAC that is always the same for the same name. */
function macOf(name: string): string {
  const bytes = createHash('sha256').update(`mac ${name}`).digest().subarray(0, 6);
  bytes[0] = (bytes.readUInt8(0) & 0xfc) | 0x02;
  return [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join(':');
}

async function listen(address: string, port: number): Promise<Socket> {
  const socket = createSocket('udp4');
  try {
    await new Promise<void>((resolve, reject) => {
      socket.once('error', reject);
      socket.bind({ address, port, exclusive: true }, () => {
        socket.off('error', reject);
        resolve();
      });
    });
  } catch (error) {
    throw new LabError('lab-failed', `cannot listen on UDP ${address}:${port}: ${messageOf(error)}`, {
      cause: error,
    });
  }
  for (const grow of [socket.setRecvBufferSize, socket.setSendBufferSize]) grow.call(socket, socketBuffer);
  return socket;
}

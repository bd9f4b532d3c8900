/** A client's log-in to a BMC by RMCP+ (IPMI 2.0 sections 13.17 to 13.24). */
import { randomBytes } from 'node:crypto';
import { LabError } from '../errors.ts';
import { type CipherSuite, cipherSuite, decodeSuiteRecords } from './cipher-suites.ts';
import { completion } from './completion.ts';
import {
  bmcAddress,
  consoleAddress,
  decodeResponse,
  encodeRequest,
  type IpmiResponse,
  netFn,
} from './ipmi-message.ts';
import { decodeIpmi15, encodeSessionless15 } from './ipmi15-packet.ts';
import { privilege } from './privilege.ts';
import {
  isSameCode,
  type RakpExchange,
  rakp2Code,
  rakp3Code,
  rakp4Code,
  sessionIntegrityKey,
  sessionKeys,
} from './rakp.ts';
import {
  decodeOpenSessionResponse,
  decodeRakp2,
  decodeRakpProof,
  encodeOpenSessionRequest,
  encodeRakp1,
  encodeRakpProof,
  rakpStatus,
  rakpStatusWords,
} from './rakp-messages.ts';
import { decodeRmcp, encodeRmcpIpmi } from './rmcp.ts';
import { decodeRmcpPlus, encodeSessionless20, payloadType, type SessionKeys } from './rmcpplus-packet.ts';
import { SequenceWindow } from './sequence-window.ts';
import { type Exchange, type Patience, UdpExchange } from './udp-exchange.ts';

/** Whom to talk to, and as whom. */
export interface IpmiTarget {
  readonly address: string;
  /** Default 623. */
  readonly port?: number;
  readonly user: string;
  readonly password: string;
  /** The id of a cipher suite; without it the best that the BMC offers. */
  readonly suite?: number;
  /** The BMC key. */
  readonly kg?: Buffer;
  /** Default administrator. */
  readonly privilege?: number;
  readonly patience?: Patience;
}

export const standardPort = 623;
/** Suites in the order in which they are chosen. */
const preferred = [17, 16, 3, 2, 12, 8, 15, 1];
/** Older BMCs never answer what suites they have: they are not asked for long. */
const suiteTries = 3;
/** Assumed of a BMC that does not tell its suites. */
const fallbackSuite = 3;
const nameOnlyLookup = 0x10;
const currentChannel = 0x0e;
const ahead = 2 ** 31;

/** A session as the client keeps it. */
export interface OpenSession {
  readonly consoleId: number;
  readonly bmcId: number;
  readonly keys: SessionKeys;
  readonly inbound: SequenceWindow;
  outbound: number;
}

/** The addresses of every request. */
export const requestFrame = {
  responder: bmcAddress,
  responderLun: 0,
  requester: consoleAddress,
  requesterLun: 0,
} as const;

/** The RMCP+ packet in a datagram, if that is what it is. */
export function rmcpPlusPacket(datagram: Buffer): ReturnType<typeof decodeRmcpPlus> {
  const message = decodeRmcp(datagram);
  return message?.messageClass === 'ipmi' ? decodeRmcpPlus(message.body) : undefined;
}

/** Asks something outside a session, in the framing of IPMI 1.5, which every BMC understands. */
async function askSessionless(
  exchange: Exchange,
  what: string,
  command: number,
  data: Buffer,
  tries?: number,
): Promise<IpmiResponse> {
  const message = encodeRequest({ ...requestFrame, netFn: netFn.app, sequence: 1, command, data });
  return exchange.ask(
    what,
    () => encodeRmcpIpmi(encodeSessionless15(message)),
    (datagram) => {
      const rmcp = decodeRmcp(datagram);
      const packet = rmcp?.messageClass === 'ipmi' ? decodeIpmi15(rmcp.body) : undefined;
      const response = packet && decodeResponse(packet.message);
      return response?.command === command ? response : undefined;
    },
    tries,
  );
}

/** Whether a BMC answers a question that nobody needs a password for. */
export async function bmcAnswers({ address, port = standardPort }: Pick<IpmiTarget, 'address' | 'port'>) {
  const exchange = await UdpExchange.open(address, port, { firstWaitMs: 500, tries: 2 });
  try {
    const data = Buffer.from([currentChannel, privilege.administrator]);
    return (await askSessionless(exchange, 'the authentication capabilities', 0x38, data)) !== undefined;
  } catch {
    return false;
  } finally {
    exchange.close();
  }
}

/** The suite asked for, or the best of those that the BMC offers. */
export async function chooseSuite(exchange: Exchange, target: IpmiTarget): Promise<CipherSuite> {
  if (target.suite !== undefined) {
    const wanted = cipherSuite(target.suite);
    if (wanted) return wanted;
    throw new LabError('usage', `cipher suite ${target.suite} is not supported`);
  }
  const ipmi20 = 0x80;
  const capabilities = Buffer.from([ipmi20 | currentChannel, privilege.administrator]);
  await askSessionless(exchange, 'Get Channel Authentication Capabilities', 0x38, capabilities);
  const offered = decodeSuiteRecords(await suiteRecords(exchange));
  const id = preferred.find((suite) => offered.includes(suite)) ?? fallbackSuite;
  const suite = cipherSuite(id);
  if (!suite) throw new TypeError(`suite ${id} is in the list`);
  return suite;
}

/** The suite records, gathered 16 bytes at a time; empty when the BMC does not tell. */
async function suiteRecords(exchange: Exchange): Promise<Buffer> {
  const parts: Buffer[] = [];
  const bySuite = 0x80;
  for (let index = 0; index < 0x40; index += 1) {
    const ask = Buffer.from([currentChannel, payloadType.ipmi, bySuite | index]);
    const answer = await askSessionless(exchange, 'Get Channel Cipher Suites', 0x54, ask, suiteTries).catch(
      () => undefined,
    );
    if (answer?.completion !== completion.ok) break;
    const records = answer.data.subarray(1);
    parts.push(records);
    if (records.length < 16) break;
  }
  return Buffer.concat(parts);
}

/** Opens a session with this suite. */
export async function logIn(
  exchange: Exchange,
  target: IpmiTarget,
  suite: CipherSuite,
): Promise<OpenSession> {
  const level = target.privilege ?? privilege.administrator;
  const consoleId = randomBytes(4).readUInt32LE(0) || 1;
  const password = Buffer.from(target.password);
  const userName = Buffer.from(target.user, 'latin1');
  const ask = <T>(what: string, type: number, payload: Buffer, decode: (payload: Buffer) => T | undefined) =>
    exchange.ask(
      what,
      () => encodeRmcpIpmi(encodeSessionless20(type, payload)),
      (datagram) => {
        const packet = rmcpPlusPacket(datagram);
        return packet?.payloadType === type + 1 ? decode(packet.payload) : undefined;
      },
    );

  const opened = await ask(
    'the open session request',
    payloadType.openSessionRequest,
    encodeOpenSessionRequest({ tag: 1, privilege: level, consoleSessionId: consoleId, suite }),
    decodeOpenSessionResponse,
  );
  refuseUnlessOk(target, opened.status);
  // A BMC that answers with another suite than the one asked for would not be understood (some do).
  if (opened.suite !== suite) refuseUnlessOk(target, rakpStatus.noMatchingSuite);

  const consoleRandom = randomBytes(16);
  const role = nameOnlyLookup | level;
  const bmcSessionId = opened.bmcSessionId;
  const second = await ask(
    'RAKP message 1',
    payloadType.rakp1,
    encodeRakp1({ tag: 2, bmcSessionId, consoleRandom, role, userName }),
    decodeRakp2,
  );
  refuseUnlessOk(target, second.status);
  const rakp: RakpExchange = {
    consoleSessionId: consoleId,
    bmcSessionId,
    consoleRandom,
    bmcRandom: Buffer.from(second.bmcRandom),
    guid: Buffer.from(second.guid),
    role,
    userName,
  };
  const proof = { tag: 3, sessionId: bmcSessionId };
  if (!isSameCode(rakp2Code(suite, password, rakp), second.code)) {
    const payload = encodeRakpProof({
      ...proof,
      status: rakpStatus.invalidIntegrityCheck,
      code: Buffer.alloc(0),
    });
    exchange.send(encodeRmcpIpmi(encodeSessionless20(payloadType.rakp3, payload)));
    refuseUnlessOk(target, rakpStatus.invalidIntegrityCheck);
  }
  const fourth = await ask(
    'RAKP message 3',
    payloadType.rakp3,
    encodeRakpProof({ ...proof, status: rakpStatus.ok, code: rakp3Code(suite, password, rakp) }),
    decodeRakpProof,
  );
  refuseUnlessOk(target, fourth.status);
  const sik = sessionIntegrityKey(suite, password, target.kg && Buffer.concat([target.kg], 20), rakp);
  if (!isSameCode(rakp4Code(suite, sik, rakp), fourth.code)) {
    refuseUnlessOk(target, rakpStatus.invalidIntegrityCheck);
  }
  const keys = sessionKeys(suite, sik, password);
  return { consoleId, bmcId: bmcSessionId, keys, inbound: new SequenceWindow(1, ahead), outbound: 1 };
}

function refuseUnlessOk(target: IpmiTarget, status: number): void {
  if (status === rakpStatus.ok) return;
  const where = `${target.address}:${target.port ?? standardPort}`;
  throw new LabError('lab-failed', `log-in to the BMC ${where} failed: ${rakpStatusWords(status)}`, {
    remedy: 'check user, password, privilege and cipher suite against the BMC',
  });
}

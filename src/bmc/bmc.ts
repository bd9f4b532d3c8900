/**
 * A BMC: datagrams in, datagrams out. It has no socket and no clock of its own; what it does to the machine goes
 * through its chassis, and what it keeps through its store.
 */
import { createHmac } from 'node:crypto';
import { type AnswerFault, faultyReply } from './answer-faults.ts';
import type { BmcParts, VolatileState } from './bmc-parts.ts';
import type { Chassis } from './chassis.ts';
import type { CipherSuite } from './cipher-suites.ts';
import type { Clock } from './clock.ts';
import { findCommand } from './commands/all.ts';
import { fits } from './commands/command.ts';
import { authenticationCapabilities, channelCipherSuites, systemGuid } from './commands/discovery.ts';
import { completion, fail, type Reply } from './completion.ts';
import { bmcAddress, decodeRequest, encodeResponse, type IpmiRequest, netFn } from './ipmi-message.ts';
import { Ipmi15Login } from './ipmi15-login.ts';
import {
  authenticationType,
  decodeIpmi15,
  encodeIpmi15,
  encodeSessionless15,
  type Ipmi15Packet,
  isSigned,
} from './ipmi15-packet.ts';
import type { LanIdentity } from './lan-configuration.ts';
import { LoginGuard } from './login-guard.ts';
import { PowerControl, restartCause } from './power-control.ts';
import { decodePresencePing, decodeRmcp, encodePresencePong, encodeRmcpIpmi } from './rmcp.ts';
import { RmcpPlusLogin } from './rmcpplus-login.ts';
import { decodeRmcpPlus, encodeSessionless20, openPacket, payloadType } from './rmcpplus-packet.ts';
import { eventSensor, SystemEventLog } from './sel.ts';
import { nextSequence } from './sequence-window.ts';
import { type Answered, type Peer, type Session, sessionDatagram } from './session.ts';
import { SessionTable } from './session-table.ts';
import { SolServer } from './sol-server.ts';
import type { BmcState } from './state.ts';
import type { StateStore } from './state-file.ts';
import { commandName, type TranscriptEntry, transcriptEntry } from './transcript.ts';
import { Watchdog } from './watchdog.ts';

export interface BmcOptions {
  readonly chassis: Chassis;
  readonly state: BmcState;
  readonly store: StateStore;
  readonly lan: LanIdentity;
  readonly suites: readonly CipherSuite[];
  /** Whether IPMI 1.5 sessions are accepted beside RMCP+. */
  readonly allow15: boolean;
  readonly sessionLimit: number;
  readonly clock: Clock;
  /** Unpredictable bytes. */
  readonly random: (length: number) => Buffer;
  readonly send: (peer: Peer, datagram: Buffer) => void;
  /** Told in words what happened; never a secret. */
  readonly log: (line: string) => void;
  /** Told each request when it was answered, or was to be. */
  readonly answered: (entry: TranscriptEntry) => void;
  /** How its answers are spoilt on purpose. */
  readonly faults: () => readonly AnswerFault[];
  /** A fault: power-on is acknowledged and not carried out. */
  readonly ignoresPowerOn: () => boolean;
}

/** How long the answer to a request that must not be carried out twice is kept (IPMI 2.0 section 6.12.14). */
const repeatWithinMs = 5_000;
/** So many requests later its number, of 64, may be in use again. */
const outstandingRequests = 8;
/** Refused log-ins are logged at most this often, so that nobody fills the log from outside. */
const refusalsLoggedEveryMs = 5_000;
const activateSession = 0x3a;
const getSessionChallenge = 0x39;

export class Bmc {
  readonly #options: BmcOptions;
  readonly #parts: BmcParts;
  readonly #login20: RmcpPlusLogin;
  #saving: Promise<void> | undefined;
  #refusalLoggedAt = Number.NEGATIVE_INFINITY;

  constructor(options: BmcOptions) {
    this.#options = options;
    const { state, clock, chassis, suites, allow15, lan, random, log } = options;
    const failed = (error: unknown) => log(error instanceof Error ? error.message : String(error));
    const changed = () => this.#changed();
    const sel = new SystemEventLog(() => state.sel, clock);
    const sessions = new SessionTable(options.sessionLimit, clock, (session) => this.#ended(session));
    const sol = new SolServer({
      chassis,
      clock,
      state: () => state,
      send: (session, payload) => this.#sendInSession(session, payloadType.sol, payload),
      failed,
    });
    const powered = () => sol.openConsole();
    const power = new PowerControl({ chassis, state: () => state, sel, clock, powered, changed, failed });
    const watchdog = new Watchdog({
      clock,
      sel,
      act: (action) => power.perform(action, restartCause.watchdog),
      changed,
    });
    const secret = random(32);
    const login = {
      state: () => state,
      channelLimit: () => this.#parts.volatile.channelAccess.privilege,
      sessions,
      guard: new LoginGuard(clock),
      clock,
      random,
      loggedIn: (session: Session) => log(`session ${session.handle} of ${session.peer.address} begins`),
      refused: (peer: Peer) => this.#refused(peer),
    };
    const decoyKey = (name: Buffer) => createHmac('sha256', secret).update(name).digest().subarray(0, 20);
    this.#login20 = new RmcpPlusLogin({ ...login, suites, decoyKey });
    this.#parts = {
      ...{ state, lan, suites, allow15, clock, sel, sessions, power, watchdog, sol },
      ignoresPowerOn: options.ignoresPowerOn,
      login15: new Ipmi15Login(login),
      volatile: volatileState(state),
      changed,
      // Once the answer is on its way.
      restart: () => clock.after(0, () => this.#restart()),
    };
  }

  /** How many sessions and handshakes there are. */
  get load(): { sessions: number; handshakes: number } {
    return { sessions: this.#parts.sessions.size, handshakes: this.#login20.size };
  }

  /** The mains power has come back: what the power restore policy says is done. */
  restorePower(): Promise<void> {
    return this.#parts.power.restore();
  }

  /** Takes a datagram. What it causes to be sent has been handed to `send` when this resolves, delays aside. */
  async receive(peer: Peer, datagram: Buffer): Promise<void> {
    const message = decodeRmcp(datagram);
    if (!message) return;
    if (message.messageClass === 'asf') {
      const tag = decodePresencePing(message.body);
      if (tag !== undefined) this.#options.send(peer, encodePresencePong(tag));
    } else if (message.body[0] === authenticationType.rmcpPlus) await this.#receive20(peer, message.body);
    else await this.#receive15(peer, message.body);
  }

  /** Ends every session and resolves when the state is stored. The machine is left as it is. */
  async close(): Promise<void> {
    this.#restart();
    this.#parts.sol.close();
    this.#parts.power.close();
    this.#changed();
    await this.#saving;
  }

  async #receive15(peer: Peer, body: Buffer): Promise<void> {
    const packet = decodeIpmi15(body);
    const request = packet && decodeRequest(packet.message);
    if (!packet || !request) return;
    if (packet.sessionId === 0) {
      if (packet.authenticationType !== authenticationType.none) return;
      await this.#answerSessionless(peer, request, encodeSessionless15);
    } else if (request.netFn === netFn.app && request.command === activateSession) {
      this.#activate15(peer, packet, request);
    } else {
      const session = this.#parts.sessions.get(packet.sessionId);
      if (session?.version !== '1.5' || packet.authenticationType !== session.type) return;
      if (!isSigned(packet, session.password) || !session.inbound.accept(packet.sequence)) return;
      await this.#handle(peer, session, packet.message, request);
    }
  }

  async #receive20(peer: Peer, body: Buffer): Promise<void> {
    const packet = decodeRmcpPlus(body);
    if (!packet) return;
    if (packet.sessionId === 0) {
      if (packet.encrypted || packet.authenticated || this.#isDisabled()) return;
      if (packet.payloadType === payloadType.ipmi) {
        const request = decodeRequest(packet.payload);
        if (request) {
          await this.#answerSessionless(peer, request, (message) =>
            encodeSessionless20(payloadType.ipmi, message),
          );
        }
        return;
      }
      const answer = this.#login20.receive(peer, packet.payloadType, packet.payload);
      if (answer)
        this.#sendLater(peer, encodeSessionless20(answer.payloadType, answer.payload), answer.delayMs);
      return;
    }
    const session = this.#parts.sessions.get(packet.sessionId);
    const payload = session?.version === '2.0' ? openPacket(session.keys, packet) : undefined;
    if (session?.version !== '2.0' || !payload || !session.inbound.accept(packet.sequence)) return;
    if (packet.payloadType === payloadType.sol) {
      this.#parts.sessions.heard(session, peer);
      this.#parts.sol.receive(session, payload);
    } else if (packet.payloadType === payloadType.ipmi) {
      const request = decodeRequest(payload);
      if (request) await this.#handle(peer, session, payload, request);
    }
  }

  /** The few requests that are answered outside a session; all others stay unanswered. */
  async #answerSessionless(
    peer: Peer,
    request: IpmiRequest,
    wrap: (message: Buffer) => Buffer,
  ): Promise<void> {
    if (request.netFn !== netFn.app || request.responder !== bmcAddress || this.#isDisabled()) return;
    const found = this.#sessionless(peer, request);
    if (!found) return;
    const reply = await faultyReply(this.#faultsOf(request), () => found.reply);
    this.#options.answered(transcriptEntry({ peer: peer.address, user: '' }, request, reply));
    if (!reply) return;
    const message = encodeResponse(request, reply.completion, reply.data);
    this.#sendLater(peer, wrap(message), found.delayMs);
  }

  #faultsOf(request: IpmiRequest): AnswerFault[] {
    const name = commandName(request);
    return name === undefined ? [] : this.#options.faults().filter(({ command }) => command === name);
  }

  #sessionless(peer: Peer, { command, data }: IpmiRequest): { reply: Reply; delayMs: number } | undefined {
    switch (command) {
      case 0x37:
        return { reply: systemGuid(this.#parts, data), delayMs: 0 };
      case 0x38:
        return { reply: authenticationCapabilities(this.#parts, data), delayMs: 0 };
      case 0x54:
        return { reply: channelCipherSuites(this.#parts, data), delayMs: 0 };
      case getSessionChallenge:
        if (!this.#options.allow15 || data.length !== 17) return undefined;
        return this.#parts.login15.challenge(peer, data);
      default:
        return undefined;
    }
  }

  #activate15(peer: Peer, packet: Ipmi15Packet, request: IpmiRequest): void {
    if (this.#isDisabled()) return;
    const activation = this.#parts.login15.activate(peer, packet, request.data);
    if (!activation) return;
    const { reply, session } = activation;
    const message = encodeResponse(request, reply.completion, reply.data);
    if (session) {
      // Addressed by the temporary id, but already a packet of the session: it takes the first sequence number.
      const sequence = session.outbound;
      session.outbound = nextSequence(sequence);
      const { sessionId } = packet;
      const { type } = session;
      this.#sendLater(peer, encodeIpmi15({ type, sequence, sessionId, message }, session.password), 0);
    } else this.#sendLater(peer, encodeSessionless15(message), 0);
  }

  async #handle(peer: Peer, session: Session, message: Buffer, request: IpmiRequest): Promise<void> {
    if (request.responder !== bmcAddress) return;
    this.#parts.sessions.heard(session, peer);
    const command = findCommand(request.netFn, request.command);
    const now = this.#options.clock.now();
    session.requests += 1;
    session.answered = session.answered.filter(
      ({ at, before }) => now - at < repeatWithinMs && session.requests - before <= outstandingRequests,
    );
    const before = session.answered.find((answered) => answered.request.equals(message));
    if (before) {
      if (before.response) this.#sendInSession(session, payloadType.ipmi, before.response);
      return;
    }
    const entry: Answered = {
      request: Buffer.from(message),
      at: now,
      before: session.requests,
      response: undefined,
    };
    if (command?.once) session.answered.push(entry);
    const reply = await faultyReply(this.#faultsOf(request), () => this.#carryOut(session, request, command));
    this.#options.answered(transcriptEntry({ peer: peer.address, user: session.userName }, request, reply));
    if (!reply) return;
    entry.response = encodeResponse(request, reply.completion, reply.data);
    this.#sendInSession(session, payloadType.ipmi, entry.response);
  }

  async #carryOut(
    session: Session,
    request: IpmiRequest,
    command: ReturnType<typeof findCommand>,
  ): Promise<Reply> {
    if (request.responderLun !== 0) return fail(completion.invalidForLun);
    if (!command) return fail(completion.invalidCommand);
    if (session.level < command.privilege) return fail(completion.insufficientPrivilege);
    if (!fits(command, request.data)) return fail(completion.lengthInvalid);
    try {
      const saving = this.#saving;
      const reply = await command.run(request.data, { bmc: this.#parts, session });
      if (this.#saving !== saving) await this.#saving;
      return reply;
    } catch (error) {
      const what = `network function ${request.netFn} command ${request.command}`;
      this.#options.log(`${what} failed: ${error instanceof Error ? error.message : String(error)}`);
      return fail(completion.unspecified);
    }
  }

  /** Stores the state once the code that changes it has run; the answer to a command waits for that. */
  #changed(): void {
    const { store, state, log } = this.#options;
    this.#saving = Promise.resolve().then(() => store.save(state));
    this.#saving.catch((error: unknown) => log(`the state was not stored: ${String(error)}`));
  }

  #isDisabled(): boolean {
    return this.#parts.volatile.channelAccess.mode === 0;
  }

  #refused(peer: Peer): void {
    const now = this.#options.clock.now();
    if (now - this.#refusalLoggedAt < refusalsLoggedEveryMs) return;
    this.#refusalLoggedAt = now;
    this.#options.log(`log-in from ${peer.address} refused`);
    this.#parts.sel.log({ sensor: eventSensor.logIn, offset: 5 });
    this.#changed();
  }

  #ended(session: Session): void {
    this.#options.log(`session ${session.handle} of ${session.peer.address} ends`);
    if (this.#parts.sol.session === session) this.#parts.sol.deactivate();
  }

  #restart(): void {
    this.#parts.sessions.endAll();
    this.#login20.close();
    this.#parts.login15.close();
    this.#parts.watchdog.stop();
    Object.assign(this.#parts.volatile, volatileState(this.#options.state));
  }

  #sendInSession(session: Session, type: number, payload: Buffer): void {
    this.#options.send(session.peer, sessionDatagram(session, type, payload, this.#options.random));
  }

  #sendLater(peer: Peer, body: Buffer, delayMs: number): void {
    const datagram = encodeRmcpIpmi(body);
    if (delayMs === 0) this.#options.send(peer, datagram);
    else this.#options.clock.after(delayMs, () => this.#options.send(peer, datagram));
  }
}

function volatileState(state: BmcState): VolatileState {
  const scanAndLog = 0x09;
  return {
    channelAccess: { ...state.channelAccess },
    identifyUntil: 0,
    globalEnables: scanAndLog,
  };
}

/** A native IPMI 2.0 client: a session, requests, and serial over LAN, on the same protocol core as the BMC. */
import { randomBytes } from 'node:crypto';
import { LabError } from '../errors.ts';
import {
  chooseSuite,
  type IpmiTarget,
  logIn,
  type OpenSession,
  requestFrame,
  rmcpPlusPacket,
  standardPort,
} from './client-login.ts';
import { completion, completionWords } from './completion.ts';
import { decodeResponse, encodeRequest, type IpmiResponse, netFn } from './ipmi-message.ts';
import { privilege } from './privilege.ts';
import { encodeRmcpIpmi } from './rmcp.ts';
import { openPacket, payloadType, sealPacket } from './rmcpplus-packet.ts';
import { nextSequence } from './sequence-window.ts';
import { defaultPatience, type Exchange, UdpExchange } from './udp-exchange.ts';

/**
 * Logs in to a BMC.
 *
 * @throws LabError `lab-failed` when it does not answer, does not offer the suite, or refuses name, password or
 *   privilege; `usage` when there is no such suite. The error never holds the password.
 */
export async function connectIpmi(target: IpmiTarget): Promise<IpmiClient> {
  const port = target.port ?? standardPort;
  const exchange = await UdpExchange.open(target.address, port, target.patience ?? defaultPatience);
  return connectOver(exchange, target);
}

/** Logs in to a BMC over a way that is there already; the way is closed when that fails. See `connectIpmi`. */
export async function connectOver(exchange: Exchange, target: IpmiTarget): Promise<IpmiClient> {
  try {
    const suite = await chooseSuite(exchange, target);
    const session = await logIn(exchange, target, suite);
    const client = new IpmiClient(
      exchange,
      session,
      `the BMC ${target.address}:${target.port ?? standardPort}`,
    );
    await client.request(netFn.app, 0x3b, [target.privilege ?? privilege.administrator]);
    return client;
  } catch (error) {
    exchange.close();
    throw error;
  }
}

/** A session with a BMC. One request is under way at a time; others wait for it. */
export class IpmiClient {
  readonly #exchange: Exchange;
  readonly #session: OpenSession;
  readonly #who: string;
  #sequence = 0;
  #last: Promise<unknown> = Promise.resolve();
  #solListener: ((payload: Buffer) => void) | undefined;

  constructor(exchange: Exchange, session: OpenSession, who: string) {
    this.#exchange = exchange;
    this.#session = session;
    this.#who = who;
    exchange.listen((datagram) => {
      if (!this.#solListener) return;
      const payload = this.#open(datagram, payloadType.sol);
      if (payload) this.#solListener(payload);
    });
  }

  /** The cipher suite of the session. */
  get suite(): number {
    return this.#session.keys.suite.id;
  }

  /**
   * Gives a command and answers its response data.
   *
   * @throws LabError `lab-failed` when the BMC answers with a completion code other than 0, or not at all
   */
  async request(fn: number, command: number, data: Uint8Array | readonly number[] = []): Promise<Buffer> {
    const response = await this.exchange(fn, command, data);
    if (response.completion === completion.ok) return response.data;
    const what = `network function ${hex(fn)} command ${hex(command)}`;
    throw new LabError('lab-failed', `${this.#who} refused ${what}: ${completionWords(response.completion)}`);
  }

  /** Gives a command and answers the response, whatever its completion code. */
  exchange(fn: number, command: number, data: Uint8Array | readonly number[] = []): Promise<IpmiResponse> {
    const asked = this.#last.then(() => this.#exchangeNow(fn, command, Buffer.from(data)));
    this.#last = asked.catch(() => {});
    return asked;
  }

  sendSol(payload: Buffer): void {
    this.#send(payloadType.sol, payload);
  }

  /** Hears the SOL payloads of the session from now on; undefined ends it. */
  set solListener(listener: ((payload: Buffer) => void) | undefined) {
    this.#solListener = listener;
  }

  /** Ends the session. That the BMC does not answer any more is no failure. */
  async close(): Promise<void> {
    const id = Buffer.alloc(4);
    id.writeUInt32LE(this.#session.bmcId);
    await this.exchange(netFn.app, 0x3c, id).catch(() => {});
    this.#exchange.close();
  }

  async #exchangeNow(fn: number, command: number, data: Buffer): Promise<IpmiResponse> {
    this.#sequence = (this.#sequence + 1) & 0x3f;
    const sequence = this.#sequence;
    const message = encodeRequest({ ...requestFrame, netFn: fn, sequence, command, data });
    return this.#exchange.ask(
      `network function ${hex(fn)} command ${hex(command)}`,
      () => this.#seal(payloadType.ipmi, message),
      (datagram) => {
        const payload = this.#open(datagram, payloadType.ipmi);
        const response = payload && decodeResponse(payload);
        const isAnswer =
          response?.netFn === fn && response.command === command && response.sequence === sequence;
        return isAnswer ? response : undefined;
      },
    );
  }

  #seal(type: number, payload: Buffer): Buffer {
    const sequence = this.#session.outbound;
    this.#session.outbound = nextSequence(sequence);
    const packet = { payloadType: type, sessionId: this.#session.bmcId, sequence, payload };
    return encodeRmcpIpmi(sealPacket(this.#session.keys, packet, randomBytes));
  }

  #send(type: number, payload: Buffer): void {
    this.#exchange.send(this.#seal(type, payload));
  }

  #open(datagram: Buffer, type: number): Buffer | undefined {
    const packet = rmcpPlusPacket(datagram);
    if (packet?.payloadType !== type || packet.sessionId !== this.#session.consoleId) return undefined;
    const payload = openPacket(this.#session.keys, packet);
    return payload && this.#session.inbound.accept(packet.sequence) ? payload : undefined;
  }
}

function hex(number: number): string {
  return `0x${number.toString(16).padStart(2, '0')}`;
}

import { randomBytes } from 'node:crypto';
import { Bmc, type BmcOptions } from '../../src/bmc/bmc.ts';
import { cipherSuites } from '../../src/bmc/cipher-suites.ts';
import { connectOver, type IpmiClient } from '../../src/bmc/client.ts';
import type { IpmiTarget } from '../../src/bmc/client-login.ts';
import { InMemoryChassis } from '../../src/bmc/in-memory-chassis.ts';
import type { Peer } from '../../src/bmc/session.ts';
import { type BmcState, factoryState } from '../../src/bmc/state.ts';
import { forgetfulStore } from '../../src/bmc/state-file.ts';
import type { TranscriptEntry } from '../../src/bmc/transcript.ts';
import type { Exchange } from '../../src/bmc/udp-exchange.ts';
import { enabledUser } from '../../src/bmc/users.ts';
import { FakeClock, settled } from './fake-clock.ts';

export const password = 'sesame';

/** A datagram on the wire between a client and the BMC. */
export interface Sent {
  readonly peer: Peer;
  readonly datagram: Buffer;
}

/** A BMC without sockets, in a time of its own, and clients that reach it by function calls. */
export class VirtualBmc {
  readonly clock = new FakeClock();
  readonly chassis = new InMemoryChassis();
  readonly state: BmcState;
  readonly bmc: Bmc;
  readonly log: string[] = [];
  /** All that the BMC has sent. */
  readonly sent: Sent[] = [];
  /** All that clients have sent. */
  readonly received: Sent[] = [];
  readonly transcript: TranscriptEntry[] = [];
  /** It acknowledges power-on and does nothing. */
  ignoresPowerOn = false;
  /** Drops a datagram, either way, when it answers true. */
  loses: (datagram: Buffer) => boolean = () => false;
  #nextPort = 40_000;
  readonly #clients = new Map<number, Set<(datagram: Buffer) => void>>();

  constructor(options: Partial<BmcOptions> = {}) {
    this.state =
      options.state ?? factoryState(enabledUser('admin', password), randomBytes(16), Buffer.alloc(0));
    this.bmc = new Bmc({
      chassis: this.chassis,
      state: this.state,
      store: forgetfulStore,
      lan: { address: '192.0.2.1', port: 623, mac: '02:00:00:00:00:01' },
      suites: cipherSuites,
      allow15: true,
      sessionLimit: 8,
      clock: this.clock,
      random: randomBytes,
      send: (peer, datagram) => {
        this.sent.push({ peer, datagram });
        if (this.loses(datagram)) return;
        for (const listener of [...(this.#clients.get(peer.port) ?? [])]) listener(datagram);
      },
      log: (line) => this.log.push(line),
      answered: (entry) => this.transcript.push(entry),
      faults: () => [],
      ignoresPowerOn: () => this.ignoresPowerOn,
      ...options,
    });
  }

  /** A way to the BMC from an address and a port of its own. A question that stays unanswered is asked twice more. */
  exchange(address = '192.0.2.99'): Exchange & { readonly peer: Peer } {
    const peer = { address, port: this.#nextPort++ };
    const listeners = new Set<(datagram: Buffer) => void>();
    this.#clients.set(peer.port, listeners);
    const send = (datagram: Buffer) => {
      this.received.push({ peer, datagram });
      if (!this.loses(datagram)) void this.bmc.receive(peer, datagram);
    };
    return {
      peer,
      send,
      listen: (listener) => {
        listeners.add(listener);
        return () => listeners.delete(listener);
      },
      ask: async (what, question, recognize) => {
        for (let tries = 0; tries < 3; tries += 1) {
          const answers: Buffer[] = [];
          const hear = (datagram: Buffer) => answers.push(datagram);
          listeners.add(hear);
          send(question());
          await settled();
          // Long enough for an answer that is held back, too short for a session to end.
          if (answers.length === 0) await this.clock.advance(2_500);
          listeners.delete(hear);
          for (const datagram of answers) {
            const answer = recognize(datagram);
            if (answer !== undefined) return answer;
          }
        }
        throw new Error(`no answer to ${what}`);
      },
      close: () => this.#clients.delete(peer.port),
    };
  }

  /** Logs in; as the administrator unless told otherwise. */
  logIn(target: Partial<IpmiTarget> = {}, exchange: Exchange = this.exchange()): Promise<IpmiClient> {
    return connectOver(exchange, { address: '192.0.2.1', user: 'admin', password, ...target });
  }
}

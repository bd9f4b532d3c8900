import { createSocket, type Socket } from 'node:dgram';
import { LabError } from '../errors.ts';

/** How a client waits for answers. */
export interface Patience {
  /** How long to wait before asking again, in ms; each time half as long again. */
  readonly firstWaitMs: number;
  /** How often to ask before giving up. */
  readonly tries: number;
}

export const defaultPatience: Patience = { firstWaitMs: 500, tries: 6 };

/** A way to a BMC and back. */
export interface Exchange {
  send(datagram: Buffer): void;
  /** Hears every datagram until the answer is called. */
  listen(listener: (datagram: Buffer) => void): () => void;
  /**
   * Asks until `recognize` answers something other than undefined, and answers that.
   *
   * @param what names what is asked, for the error
   * @param question makes the datagram, anew for every try
   * @param tries how often to ask at most; without it as often as the way's patience allows
   * @throws LabError `lab-failed` when nothing came after all tries; what `recognize` throws
   */
  ask<T>(
    what: string,
    question: () => Buffer,
    recognize: (datagram: Buffer) => T | undefined,
    tries?: number,
  ): Promise<T>;
  close(): void;
}

/** Asks one UDP peer and waits for its answers. */
export class UdpExchange implements Exchange {
  readonly #socket: Socket;
  readonly #peer: string;
  readonly #patience: Patience;
  readonly #listeners = new Set<(datagram: Buffer) => void>();

  private constructor(socket: Socket, peer: string, patience: Patience) {
    this.#socket = socket;
    this.#peer = peer;
    this.#patience = patience;
    socket.on('message', (datagram) => {
      for (const listener of [...this.#listeners]) listener(datagram);
    });
    // "Connection refused" comes as an error; whether anybody answers in time is what counts.
    socket.on('error', () => {});
  }

  static async open(address: string, port: number, patience: Patience): Promise<UdpExchange> {
    const socket = createSocket('udp4');
    await new Promise<void>((resolve, reject) => {
      socket.once('error', reject);
      socket.connect(port, address, () => {
        socket.off('error', reject);
        resolve();
      });
    });
    return new UdpExchange(socket, `${address}:${port}`, patience);
  }

  send(datagram: Buffer): void {
    this.#socket.send(datagram);
  }

  listen(listener: (datagram: Buffer) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  async ask<T>(
    what: string,
    question: () => Buffer,
    recognize: (datagram: Buffer) => T | undefined,
    tries = this.#patience.tries,
  ): Promise<T> {
    const { firstWaitMs } = this.#patience;
    for (let attempt = 0; attempt < tries; attempt += 1) {
      const answer = await this.#askOnce(question(), recognize, firstWaitMs * 1.5 ** attempt);
      if (answer !== undefined) return answer;
    }
    throw new LabError('lab-failed', `${this.#peer} did not answer ${what} (asked ${tries} times)`, {
      remedy: 'check the address and port of the BMC, and that IPMI over LAN is enabled there',
    });
  }

  close(): void {
    this.#listeners.clear();
    this.#socket.close();
  }

  #askOnce<T>(
    datagram: Buffer,
    recognize: (datagram: Buffer) => T | undefined,
    waitMs: number,
  ): Promise<T | undefined> {
    return new Promise((resolve, reject) => {
      const finish = (settle: () => void) => {
        clearTimeout(timer);
        this.#listeners.delete(listener);
        settle();
      };
      const listener = (received: Buffer) => {
        try {
          const answer = recognize(received);
          if (answer !== undefined) finish(() => resolve(answer));
        } catch (error) {
          finish(() => reject(error));
        }
      };
      const timer = setTimeout(() => finish(() => resolve(undefined)), waitMs);
      this.#listeners.add(listener);
      this.send(datagram);
    });
  }
}

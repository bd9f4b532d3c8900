import { createSocket, type Socket } from 'node:dgram';

/** What a link does to datagrams; each a part of them, 0 to 1. */
export interface Trouble {
  readonly loss: number;
  readonly duplication: number;
  /** The part that arrives after what was sent later. */
  readonly reordering: number;
  readonly seed: number;
}

/** A link that does nothing to datagrams. */
export const noTrouble: Trouble = { loss: 0, duplication: 0, reordering: 0, seed: 1 };

/** A datagram that has passed, and where it went. */
export interface Passed {
  readonly to: 'bmc' | 'client';
  readonly datagram: Buffer;
}

export interface BadLink {
  /** On loopback, the link's own: the port is the BMC's, for a console is refused on another one. */
  readonly address: string;
  readonly port: number;
  readonly counts: {
    readonly passed: number;
    readonly lost: number;
    readonly repeated: number;
    readonly late: number;
  };
  close(): Promise<void>;
}

const lateMs = 60;
/** A UDP wire on loopback in front of a BMC that loses, repeats and reorders, the same way for the same seed. */
export async function badLink(
  bmcPort: number,
  trouble: Trouble,
  seen: (passed: Passed) => void = () => {},
): Promise<BadLink> {
  const counts = { passed: 0, lost: 0, repeated: 0, late: 0 };
  const timers = new Set<NodeJS.Timeout>();
  const clients = new Map<number, Socket>();
  let state = trouble.seed;
  const chance = (part: number) => {
    // mulberry32: small, and good enough that losses do not come in rows of their own.
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32 < part;
  };
  const carry = (deliver: () => void) => {
    if (chance(trouble.loss)) {
      counts.lost += 1;
      return;
    }
    counts.passed += 1;
    const isLate = chance(trouble.reordering);
    const isRepeated = chance(trouble.duplication);
    if (isLate) counts.late += 1;
    else deliver();
    if (isRepeated) counts.repeated += 1;
    if (!isLate && !isRepeated) return;
    const timer = setTimeout(() => {
      timers.delete(timer);
      deliver();
    }, lateMs);
    timers.add(timer);
  };
  const front = createSocket('udp4');
  front.on('message', (datagram, from) => {
    let back = clients.get(from.port);
    if (!back) {
      back = createSocket('udp4');
      back.on('message', (answer) =>
        carry(() => {
          seen({ to: 'client', datagram: answer });
          front.send(answer, from.port, from.address);
        }),
      );
      clients.set(from.port, back);
    }
    const socket = back;
    carry(() => {
      seen({ to: 'bmc', datagram });
      socket.send(datagram, bmcPort, '127.0.0.1');
    });
  });
  const byte = () => 1 + Math.floor(Math.random() * 250);
  const address = `127.${byte()}.${byte()}.${byte()}`;
  await new Promise<void>((resolve) => front.bind(bmcPort, address, resolve));
  return {
    address,
    port: bmcPort,
    counts,
    async close() {
      for (const timer of timers) clearTimeout(timer);
      const sockets = [front, ...clients.values()];
      await Promise.all(
        sockets.map((socket) => new Promise<void>((resolve) => socket.close(() => resolve()))),
      );
    },
  };
}

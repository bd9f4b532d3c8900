import { setCarrier } from '../linux/tap.ts';
import type { LinkFaults } from '../topology/schema.ts';
import { LinkQueue } from './queue.ts';
import type { LinkState, RelayedLink } from './relay-protocol.ts';
import { RelayTap } from './relay-taps.ts';

/** How many frames are read at once: what has arrived and who asks must not wait long behind a flood. */
const batch = 64;

/** A link between two taps. */
export class RelayLink {
  readonly name: string;
  private readonly ways: readonly Way[];
  private faults: LinkFaults;

  constructor({ name, near, far, faults }: RelayedLink) {
    this.name = name;
    this.faults = faults;
    const [here, there] = [new RelayTap(near), new RelayTap(far)];
    this.ways = [
      new Way(there, here, new LinkQueue<Buffer>('in', faults)),
      new Way(here, there, new LinkQueue<Buffer>('out', faults)),
    ];
    this.plug();
  }

  get taps(): readonly RelayTap[] {
    return this.ways.map(({ from }) => from);
  }

  /** Sets other faults; frames are counted afresh. */
  set(faults: LinkFaults): void {
    this.faults = faults;
    for (const { queue } of this.ways) queue.set(faults);
    this.plug();
  }

  private plug(): void {
    for (const { fd } of this.taps) setCarrier(fd, !this.faults.down);
  }

  /** Takes in what a tap of that descriptor sends, if it is one of this link's. */
  receive(fd: number): void {
    this.ways.find(({ from }) => from.fd === fd)?.receive();
  }

  get state(): LinkState {
    const [into, out] = this.ways as [Way, Way];
    return { link: this.name, faults: this.faults, in: into.queue.counted, out: out.queue.counted };
  }
}

/** One direction of a link. */
class Way {
  readonly from: RelayTap;
  readonly queue: LinkQueue<Buffer>;
  private readonly to: RelayTap;
  private timer: NodeJS.Timeout | undefined;

  constructor(from: RelayTap, to: RelayTap, queue: LinkQueue<Buffer>) {
    this.from = from;
    this.to = to;
    this.queue = queue;
  }

  receive(): void {
    for (let read = 0; read < batch; read++) {
      const frame = this.from.read();
      if (!frame) break;
      if (this.to.takes(frame.length)) this.queue.accept(frame, frame.length, performance.now());
      else this.queue.refuse();
    }
    this.deliver();
  }

  private deliver(): void {
    for (const frame of this.queue.due(performance.now())) this.to.write(frame);
    clearTimeout(this.timer);
    const { nextDue } = this.queue;
    if (nextDue === undefined) return;
    this.timer = setTimeout(() => this.deliver(), Math.max(0, nextDue - performance.now()));
  }
}

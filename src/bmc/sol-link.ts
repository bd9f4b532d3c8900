/**
 * One end of serial over LAN: characters go out in numbered packets, one at a time, each sent again until it is
 * acknowledged; characters come in once each and in order (IPMI 2.0 sections 15.7 to 15.11). Both ends work so.
 */
import type { Clock } from './clock.ts';
import { decodeSol, encodeSol, type SolPacket, solOperation } from './sol-payload.ts';

export interface SolLinkOptions {
  readonly clock: Clock;
  /** Sends a payload of type SOL. */
  readonly send: (payload: Buffer) => void;
  /** Characters from the other end. */
  readonly received: (characters: Buffer) => void;
  /** The flags of every new packet from the other end. */
  readonly flagged: (flags: number) => void;
  /** Characters in one packet at most, 1-255. */
  readonly packetSize: number;
  /** How long to gather characters before a packet that is not full goes out, in ms. */
  readonly gatherMs: number;
  readonly retryMs: number;
  readonly retries: number;
  /** Characters that may wait; the oldest are dropped when more come. */
  readonly capacity: number;
  /** The flag of the next packet that says that characters were dropped. */
  readonly overrunFlag: number;
}

/** Packets are numbered 1 to 15, over and over. */
const sequenceNumbers = 15;

interface InFlight {
  readonly packet: SolPacket;
  tries: number;
  cancelRetry: () => void;
}

export class SolLink {
  readonly #options: SolLinkOptions;
  #waiting: Buffer = Buffer.alloc(0);
  #flags = 0;
  #inFlight: InFlight | undefined;
  #lastSent = 0;
  #lastReceived = { sequence: 0, accepted: 0 };
  #paused = false;
  #cancelGathering: (() => void) | undefined;

  constructor(options: SolLinkOptions) {
    this.#options = options;
  }

  /** Whether everything written was acknowledged. */
  get isIdle(): boolean {
    return this.#waiting.length === 0 && this.#flags === 0 && !this.#inFlight;
  }

  write(characters: Buffer): void {
    const { capacity, packetSize, gatherMs, clock, overrunFlag } = this.#options;
    const all = Buffer.concat([this.#waiting, characters]);
    this.#waiting = all.subarray(Math.max(0, all.length - capacity));
    if (all.length > capacity) this.#flags |= overrunFlag;
    if (gatherMs === 0 || this.#waiting.length >= packetSize) this.#next();
    else this.#cancelGathering ??= clock.after(gatherMs, () => this.#next());
  }

  /** Sends flags with the next packet, which may carry no characters. */
  signal(flags: number): void {
    this.#flags |= flags;
    this.#next();
  }

  /** Holds characters back, or lets them go again. */
  set paused(paused: boolean) {
    this.#paused = paused;
    if (!paused) this.#next();
  }

  /** Drops what waits to go out. */
  flush(): void {
    this.#waiting = Buffer.alloc(0);
  }

  close(): void {
    this.#stopGathering();
    this.#inFlight?.cancelRetry();
    this.#inFlight = undefined;
    this.#waiting = Buffer.alloc(0);
    this.#flags = 0;
  }

  /** Takes a payload from the other end. */
  receive(payload: Buffer): void {
    const packet = decodeSol(payload);
    if (!packet) return;
    if (packet.acknowledges !== 0) this.#acknowledged(packet);
    if (packet.sequence === 0) return;
    const step = this.#stepTo(packet.sequence);
    // One that was overtaken on its way: it was sent again meanwhile, and taken.
    if (step > sequenceNumbers / 2) return;
    // A step of 0 is the last one again: its acknowledgement was lost, and the same one is due.
    if (step > 0) {
      this.#lastReceived = { sequence: packet.sequence, accepted: packet.characters.length };
      this.#options.flagged(packet.flags);
      if (packet.characters.length > 0) this.#options.received(packet.characters);
    }
    const { sequence, accepted } = this.#lastReceived;
    this.#options.send(
      encodeSol({ sequence: 0, acknowledges: sequence, accepted, flags: 0, characters: Buffer.alloc(0) }),
    );
    this.#next();
  }

  /** How far a packet's number is ahead of the last one taken, 0 to 14; anything may come first. */
  #stepTo(sequence: number): number {
    const last = this.#lastReceived.sequence;
    return last === 0 ? 1 : (sequence - last + sequenceNumbers) % sequenceNumbers;
  }

  #acknowledged(packet: SolPacket): void {
    const sent = this.#inFlight;
    if (!sent || sent.packet.sequence !== packet.acknowledges) return;
    const refused = (packet.flags & solOperation.nack) !== 0;
    const rest = sent.packet.characters.subarray(packet.accepted);
    // A refusal that took nothing means "not now": the same packet is sent again when its time has come.
    if (refused && packet.accepted === 0) return;
    sent.cancelRetry();
    this.#inFlight = undefined;
    this.#waiting = Buffer.concat([rest, this.#waiting]);
    this.#next();
  }

  #next(): void {
    this.#stopGathering();
    const characters = this.#paused ? Buffer.alloc(0) : this.#waiting.subarray(0, this.#options.packetSize);
    if (this.#inFlight || (characters.length === 0 && this.#flags === 0)) return;
    this.#waiting = this.#waiting.subarray(characters.length);
    this.#lastSent = (this.#lastSent % sequenceNumbers) + 1;
    const packet = { sequence: this.#lastSent, acknowledges: 0, accepted: 0, flags: this.#flags, characters };
    this.#flags = 0;
    this.#inFlight = { packet, tries: 0, cancelRetry: () => {} };
    this.#transmit(this.#inFlight);
  }

  #transmit(sent: InFlight): void {
    const { clock, send, retryMs, retries } = this.#options;
    send(encodeSol(sent.packet));
    sent.tries += 1;
    sent.cancelRetry = clock.after(retryMs, () => {
      if (this.#inFlight !== sent) return;
      if (sent.tries <= retries) {
        this.#transmit(sent);
        return;
      }
      this.#inFlight = undefined;
      if (sent.packet.characters.length > 0) this.#flags |= this.#options.overrunFlag;
      this.#next();
    });
  }

  #stopGathering(): void {
    this.#cancelGathering?.();
    this.#cancelGathering = undefined;
  }
}

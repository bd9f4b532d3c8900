import { LabError } from '../errors.ts';
import { type Claimable, reference } from '../evidence/claim.ts';
import type { Evidence } from '../evidence/evidence.ts';
import type { FrameTest } from '../evidence/frames.ts';
import { askLinkRelay } from '../lab/link-relay.ts';
import type { PlannedLink } from '../lab/plan.ts';
import type { Lab } from '../lab/record.ts';
import { type Fate, fateOf, type LinkDirection } from '../links/fate.ts';
import type { LinkState } from '../links/relay-protocol.ts';
import { type LinkFaults, linkFaultsSchema } from '../topology/schema.ts';

/** A cable whose faults can be set. */
export class Link {
  /** As the topology names it: a wire, a server, or `mgmt`. */
  readonly name: string;
  /** The ends as capture points; frames towards `near` go `in`. A stand-in's own NIC is none. */
  readonly near: string;
  readonly far: string;
  private readonly lab: Pick<Lab, 'devstack'>;
  private now: LinkFaults;

  constructor(lab: Pick<Lab, 'devstack'>, { name, near, far, faults }: PlannedLink) {
    this.name = name;
    this.near = `${near.host}/${near.device}`;
    this.far = `${far.host}/${far.device}`;
    this.lab = lab;
    this.now = faults;
  }

  /** Its faults as they are. */
  get faults(): LinkFaults {
    return this.now;
  }

  /**
   * Sets all its faults: what is not given is mended, only the seed stays. Frames are counted afresh, so that the first
   * from now on has the fate of the first.
   */
  async set(faults: Partial<LinkFaults>): Promise<void> {
    const { seed } = this.now;
    this.now = linkFaultsSchema.parse({ seed, ...faults });
    await askLinkRelay(this.lab, { link: this.name, faults: this.now });
  }

  /** Unplugs it. */
  down(): Promise<void> {
    return this.set({ ...this.now, down: true });
  }

  /** Plugs it in again. */
  up(): Promise<void> {
    return this.set({ ...this.now, down: false });
  }

  /** Its faults, and what has passed in each direction since they were set. */
  state(): Promise<LinkState> {
    return askLinkRelay(this.lab, { link: this.name });
  }

  /**
   * That of the frames which went in at one end just those came out at the other that its faults let through; for faults
   * that reorder or duplicate nothing. Both ends were captured, from the moment its faults were set.
   *
   * @param test tells the frames of that direction from those of the other
   */
  followsItsSeed(evidence: Evidence, direction: LinkDirection, test: FrameTest): Claimable {
    const [from, to] = direction === 'in' ? [this.far, this.near] : [this.near, this.far];
    const at = (point: string) => evidence.frames.filter((frame) => frame.point === point && test(frame));
    const sent = at(from);
    const arrived = at(to);
    const foretold = sent.filter((_, index) => !this.fate(direction, index + 1).lost);
    const same =
      foretold.length === arrived.length &&
      foretold.every(({ bytes }, index) => Buffer.from(bytes).equals(arrived[index]?.bytes ?? Buffer.of()));
    return {
      holds: same && sent.length > 0,
      why: `of ${sent.length} frames at ${from} ${arrived.length} at ${to}; seed ${this.now.seed} lets ${foretold.length} through${same || foretold.length !== arrived.length ? '' : ', others than these'}`,
      evidence: [...sent, ...arrived].map(reference),
      journeys: [],
    };
  }

  /** What its faults mean for the n-th frame of a direction since they were set, 1 being the first. */
  fate(direction: LinkDirection, n: number): Fate {
    return fateOf(this.now, direction, n);
  }
}

/** The error of a scenario that asks for a link without a relay. */
export function noSuchLink(name: string, links: readonly PlannedLink[]): LabError {
  const there = links.map((link) => link.name).join(', ') || 'none';
  return new LabError('usage', `the faults of link ${name} cannot be set; those of others can: ${there}`, {
    remedy: `declare it in the scenario's with: link_faults: { ${name}: {} }`,
  });
}

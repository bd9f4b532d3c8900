import { LabError } from '../../errors.ts';

/** A node that somebody else works on. The API answers 409 to it (Juno: NodeLocked). */
export class NodeLocked extends LabError {
  constructor(node: string, holder: string) {
    super('lab-failed', `node ${node} is locked: ${holder} is under way`, {
      remedy: 'try again when that is done',
    });
    this.name = 'NodeLocked';
  }
}

interface Holder {
  readonly what: string;
  /** It is over in a moment: nobody is refused for it. */
  readonly isBrief: boolean;
  readonly done: Promise<void>;
}

/** One lock a node: whoever changes a node holds it. */
export class NodeLocks {
  private readonly holders = new Map<string, Holder>();

  /** What is under way on a node. */
  holder(uuid: string): string | undefined {
    return this.holders.get(uuid)?.what;
  }

  /**
   * Does work under a node's lock.
   *
   * @throws NodeLocked when somebody else holds it, but for a brief moment
   */
  async hold<T>(
    node: { readonly uuid: string; readonly name: string },
    what: string,
    work: () => Promise<T>,
  ): Promise<T> {
    for (let held = this.holders.get(node.uuid); held; held = this.holders.get(node.uuid)) {
      if (!held.isBrief) throw new NodeLocked(node.name, held.what);
      await held.done;
    }
    return this.work(node, what, false, work);
  }

  /** Does work under a node's lock when it is free. */
  async wait<T>(
    node: { readonly uuid: string; readonly name: string },
    what: string,
    work: () => Promise<T>,
    options: { readonly isBrief?: boolean } = {},
  ): Promise<T> {
    for (let held = this.holders.get(node.uuid); held; held = this.holders.get(node.uuid)) await held.done;
    return this.work(node, what, options.isBrief ?? false, work);
  }

  private async work<T>(
    { uuid }: { readonly uuid: string },
    what: string,
    isBrief: boolean,
    work: () => Promise<T>,
  ): Promise<T> {
    let release: () => void = () => undefined;
    const done = new Promise<void>((resolve) => {
      release = resolve;
    });
    this.holders.set(uuid, { what, isBrief, done });
    try {
      return await work();
    } finally {
      this.holders.delete(uuid);
      release();
    }
  }
}

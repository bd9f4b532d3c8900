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

/** One lock a node: whoever changes a node holds it. */
export class NodeLocks {
  private readonly holders = new Map<string, { readonly what: string; readonly done: Promise<void> }>();

  /** What is under way on a node. */
  holder(uuid: string): string | undefined {
    return this.holders.get(uuid)?.what;
  }

  /**
   * Does work under a node's lock.
   *
   * @throws NodeLocked when somebody else holds it
   */
  async hold<T>(
    node: { readonly uuid: string; readonly name: string },
    what: string,
    work: () => Promise<T>,
  ): Promise<T> {
    const held = this.holders.get(node.uuid);
    if (held) throw new NodeLocked(node.name, held.what);
    let release: () => void = () => undefined;
    const done = new Promise<void>((resolve) => {
      release = resolve;
    });
    this.holders.set(node.uuid, { what, done });
    try {
      return await work();
    } finally {
      this.holders.delete(node.uuid);
      release();
    }
  }

  /** Does work under a node's lock when it is free. */
  async wait<T>(
    node: { readonly uuid: string; readonly name: string },
    what: string,
    work: () => Promise<T>,
  ): Promise<T> {
    for (let held = this.holders.get(node.uuid); held; held = this.holders.get(node.uuid)) await held.done;
    return this.hold(node, what, work);
  }
}

/**
 * A map that stops taking new keys when it is full: a capture of made-up addresses must not fill the memory. What
 * was turned away is counted.
 */
export class Capped<Key, Value> {
  private readonly entries = new Map<Key, Value>();
  private readonly most: number;
  /** How often a new key was turned away. */
  turnedAway = 0;

  constructor(most = 4096) {
    this.most = most;
  }

  get(key: Key): Value | undefined {
    return this.entries.get(key);
  }

  /** The value of the key, made when there is none yet; undefined when the map is full. */
  take(key: Key, make: () => Value): Value | undefined {
    const known = this.entries.get(key);
    if (known !== undefined) return known;
    if (this.entries.size >= this.most) {
      this.turnedAway++;
      return undefined;
    }
    const made = make();
    this.entries.set(key, made);
    return made;
  }

  get size(): number {
    return this.entries.size;
  }

  values(): Value[] {
    return [...this.entries.values()];
  }
}

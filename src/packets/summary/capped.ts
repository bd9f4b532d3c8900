/** How many hosts and conversations a summary keeps: a capture of made-up addresses must not fill the memory. */
export class Budget {
  private left: number;

  constructor(most: number) {
    this.left = most;
  }

  /** Takes room for one; false when there is none left. */
  take(): boolean {
    if (this.left === 0) return false;
    this.left--;
    return true;
  }
}

/** A map that takes new keys as long as the budget allows. What was turned away is counted. */
export class Capped<Key, Value> {
  private readonly entries = new Map<Key, Value>();
  private readonly budget: Budget;
  /** How often a new key was turned away. */
  turnedAway = 0;

  constructor(budget: Budget) {
    this.budget = budget;
  }

  get(key: Key): Value | undefined {
    return this.entries.get(key);
  }

  /** The value of the key, made when there is none yet; undefined when the budget is spent. */
  take(key: Key, make: () => Value): Value | undefined {
    const known = this.entries.get(key);
    if (known !== undefined) return known;
    if (!this.budget.take()) {
      this.turnedAway++;
      return undefined;
    }
    const made = make();
    this.entries.set(key, made);
    return made;
  }

  values(): Value[] {
    return [...this.entries.values()];
  }
}

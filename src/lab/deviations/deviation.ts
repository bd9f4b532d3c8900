/** Something in a running lab that is not as the lab's plan has it. */
export interface Deviation {
  /** What it is, by a name that the same thing always has: see `things.ts`. */
  readonly thing: string;
  /** How it is and how it should be, in a sentence: `port ovs-tap1 has tag 3 instead of 2`. */
  readonly text: string;
  /** Where frames meet it: points of the lab, `host/interface`. */
  readonly at: readonly string[];
  /** No frame meets it: a rule in a table that no rule leads to. */
  readonly idle?: true;
  /** The only client that it concerns; left out where it concerns all. */
  readonly mac?: string;
}

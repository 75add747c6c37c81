// One row of the bench's table: what must be reached, what was measured, and whether it was.

export type Figure = {
  name: string;
  must: string;
  /** The figure that `must` speaks of, for people. */
  measured: string;
  reached: boolean;
  /** What stands behind it: runs, spreads, the peer's own figure. */
  detail: string;
};

/** How much of each kind of work; a quick run ends in about two minutes. */
export type Amount = { quick: boolean };

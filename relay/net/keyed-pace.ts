// Who comes too fast waits for a turn, and who comes much too fast is refused: one line for each key. Pure bookkeeping in bounded memory: of too many keys the one that came longest ago is forgotten.
// Used by the entry.

export type Pace = {
  perSecond: number;
  /** That many have their turn as they come; each above it waits `1 / perSecond` longer. */
  atOnce: number;
  /** With those who wait. More are refused. */
  most: number;
  /** Known at once; each costs some 150 bytes. */
  keys: number;
};

export class KeyedPace {
  readonly #pace: Pace;
  /** How many have come and had, as time goes, no place yet. The one that came longest ago first. */
  readonly #lines = new Map<string, { length: number; at: number }>();

  constructor(pace: Pace) {
    this.#pace = pace;
  }

  /**
   * After how many ms it is this one's turn; undefined where it is refused, which is not counted.
   * @param now ms, monotone
   */
  take(key: string, now: number): number | undefined {
    const { perSecond, atOnce, most, keys } = this.#pace;
    const { length: before, at } = this.#lines.get(key) ?? { length: 0, at: now };
    const length = Math.max(0, before - (Math.max(0, now - at) * perSecond) / 1000);
    const isTaken = length + 1 <= most;
    this.#lines.delete(key);
    this.#lines.set(key, { length: isTaken ? length + 1 : length, at: now });
    const [oldest] = this.#lines.keys();
    if (this.#lines.size > keys && oldest !== undefined) this.#lines.delete(oldest);
    return isTaken ? (Math.max(0, length + 1 - atOnce) * 1000) / perSecond : undefined;
  }
}

// Who comes too fast waits for a turn, and who comes much too fast is refused: one line for each key. Pure bookkeeping in bounded memory. Used by the entry.

import { RecentKeys } from './recent-keys.ts';

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
  /** How many had come at a moment whose places, as time goes, were not free again. */
  readonly #lines: RecentKeys<{ length: number; at: number }>;

  constructor(pace: Pace) {
    this.#pace = pace;
    this.#lines = new RecentKeys(pace.keys, () => ({ length: 0, at: 0 }));
  }

  /**
   * After how many ms it is this one's turn; undefined where it is refused, which is not counted.
   * @param now ms, monotone
   */
  take(key: string, now: number): number | undefined {
    const { perSecond, atOnce, most } = this.#pace;
    const line = this.#lines.of(key);
    line.length = Math.max(0, line.length - (Math.max(0, now - line.at) * perSecond) / 1000);
    line.at = now;
    if (line.length + 1 > most) return undefined;
    line.length += 1;
    return (Math.max(0, line.length - atOnce) * 1000) / perSecond;
  }
}

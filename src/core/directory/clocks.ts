// Whether this machine's clock is wrong, by what relays say of theirs. A descriptor holds for a day at most, so a clock that is hours off takes what is good for over, or what is over
// for good. One relay may lie, or be wrong itself: it takes two, and more than half of those that said something.

import { CLOCK_SKEW_S } from './descriptor.ts';

/** As many as are asked; the last word of each. */
const MAX_SAID = 16;
const LEAST_AGREEING = 2;

export class Clocks {
  readonly #offsets = new Map<string, number>();

  /**
   * @param time seconds since the epoch, by the clock of who says it
   * @param now ms since the epoch, by this one
   */
  said(who: string, time: number, now: number): void {
    this.#offsets.delete(who);
    this.#offsets.set(who, time - now / 1000);
    const [oldest] = this.#offsets.keys();
    if (this.#offsets.size > MAX_SAID && oldest !== undefined) this.#offsets.delete(oldest);
  }

  /** Seconds to add to this clock for it to be right; undefined where it is right enough, or nobody can tell. */
  get wrongBy(): number | undefined {
    const all = [...this.#offsets.values()].sort((one, other) => one - other);
    const off = all.filter((offset) => Math.abs(offset) > CLOCK_SKEW_S);
    const median = all[Math.floor(all.length / 2)];
    if (median === undefined || off.length < LEAST_AGREEING || Math.abs(median) <= CLOCK_SKEW_S) return undefined;
    const agreeing = off.filter((offset) => Math.abs(offset - median) <= CLOCK_SKEW_S);
    return agreeing.length >= LEAST_AGREEING && agreeing.length > all.length / 2 ? Math.round(median) : undefined;
  }
}

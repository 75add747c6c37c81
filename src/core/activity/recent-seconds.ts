// How many bytes came in each second of the last minute, for the plot. A browser says how large an answer was when it has come whole, so its bytes are spread over the
// seconds that it took: the plot mends itself backwards. In memory only. Pure: time comes with what is added.

/** As long as a person watches a plot. */
export const RECENT_SECONDS = 60;

const SECOND_MS = 1000;

export class RecentSeconds {
  readonly #bytes = new Map<number, number>();

  /** @param from and to: ms since the epoch */
  add({ bytes, from, to }: { bytes: number; from: number; to: number }): void {
    const last = secondOf(to);
    const first = Math.min(secondOf(from), last);
    const share = bytes / (last - first + 1);
    for (let second = Math.max(first, last - RECENT_SECONDS + 1); second <= last; second += 1)
      this.#bytes.set(second, (this.#bytes.get(second) ?? 0) + share);
    for (const second of this.#bytes.keys()) if (second <= last - RECENT_SECONDS) this.#bytes.delete(second);
  }

  /** Bytes of each second, the oldest first, `RECENT_SECONDS` of them; that of `now` is the last and not over. */
  until(now: number): number[] {
    const last = secondOf(now);
    // Of a clock that was set back.
    for (const second of this.#bytes.keys()) if (second > last) this.#bytes.delete(second);
    return Array.from({ length: RECENT_SECONDS }, (_, index) =>
      Math.round(this.#bytes.get(last - RECENT_SECONDS + 1 + index) ?? 0),
    );
  }
}

function secondOf(at: number): number {
  return Math.floor(at / SECOND_MS);
}

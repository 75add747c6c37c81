// How many tunnels began at once of late: the most in one second of the last minute. Kept by data-dialer.ts, which has as many connections waiting.

const SECOND_MS = 1000;
/** Pages come in bursts, with a minute of reading between. */
const REMEMBERED = 60;

export class Bursts {
  readonly #counts = new Map<number, number>();

  /** @param now ms on any clock that does not go back */
  count(now: number): void {
    const second = Math.floor(now / SECOND_MS);
    this.#counts.set(second, (this.#counts.get(second) ?? 0) + 1);
  }

  largest(now: number): number {
    const oldest = Math.floor(now / SECOND_MS) - REMEMBERED;
    let largest = 0;
    for (const [second, count] of this.#counts) {
      if (second < oldest) this.#counts.delete(second);
      else largest = Math.max(largest, count);
    }
    return largest;
  }
}

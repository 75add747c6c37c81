// A limit of bytes in a second in the form of a meter (tunnel-meter.ts): what holds tunnels without credit holds those that are too fast as well. Bytes of both directions count, and a
// chunk that was longer than the allowance is made good by waiting. Used by relay/net/bandwidth.ts.

import type { TunnelMeter } from './tunnel-meter.ts';

/**
 * What may pass at once after a pause: long enough that a busy limit stops its tunnels twenty times in a second and not at each chunk, short enough that nobody
 * sees it.
 */
const BURST_MS = 50;

export class RateMeter implements TunnelMeter {
  readonly #onWait: () => void;
  readonly #now: () => number;
  #bytesPerMs: number;
  #allowance: number;
  #at: number;
  /** Those who wait, to be asked again when the rate is another. */
  readonly #waiting = new Set<() => void>();

  /**
   * @param onWait tunnels have to wait
   * @param now ms, monotone
   */
  constructor(bytesPerSecond: number, onWait: () => void = () => undefined, now = () => performance.now()) {
    this.#bytesPerMs = bytesPerSecond / 1000;
    this.#allowance = this.#bytesPerMs * BURST_MS;
    this.#onWait = onWait;
    this.#now = now;
    this.#at = now();
  }

  /** From now on; Infinity lifts it. What is owed is owed at the new rate. */
  change(bytesPerSecond: number): void {
    this.#refill();
    this.#bytesPerMs = bytesPerSecond / 1000;
    if (bytesPerSecond === Infinity) this.#allowance = Infinity;
    else if (this.#allowance === Infinity) this.#allowance = this.#burst;
    for (const wake of this.#waiting) wake();
  }

  pass(_direction: 'up' | 'down', bytes: number): boolean {
    this.#refill();
    this.#allowance -= bytes;
    return this.#allowance > 0;
  }

  async wait(): Promise<boolean> {
    this.#onWait();
    for (;;) {
      this.#refill();
      const missing = this.#burst - this.#allowance;
      if (!(missing > 0)) return true;
      await this.#pause(missing / this.#bytesPerMs);
    }
  }

  get #burst(): number {
    return this.#bytesPerMs * BURST_MS;
  }

  #refill(): void {
    const now = this.#now();
    const passed = Math.max(0, now - this.#at);
    this.#at = now;
    if (this.#bytesPerMs !== Infinity)
      this.#allowance = Math.min(this.#burst, this.#allowance + passed * this.#bytesPerMs);
  }

  /** Or until the rate is another. Keeps no process alive. */
  #pause(ms: number): Promise<undefined> {
    const { promise, resolve } = Promise.withResolvers<undefined>();
    const wake = (): void => resolve(undefined);
    // A timer may come a little early by the other clock; one ms more ends that.
    const timer = setTimeout(wake, Math.ceil(ms) + 1);
    timer.unref();
    this.#waiting.add(wake);
    return promise.finally(() => {
      clearTimeout(timer);
      this.#waiting.delete(wake);
    });
  }
}

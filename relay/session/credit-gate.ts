// Where the tunnels of one payer wait for credit. The first to wait starts the clock; when it has run out all are told to end, and so is
// whoever comes later, until there is credit again. Pure but for the clock that it is given.

import type { Clock } from './parts.ts';

export class CreditGate {
  readonly #clock: Clock;
  readonly #limitMs: number;
  #waiting: ((mayGoOn: boolean) => void)[] = [];
  #stop: (() => void) | undefined;
  /** The wait was too long. */
  #shut = false;

  constructor(clock: Clock, limitMs: number) {
    this.#clock = clock;
    this.#limitMs = limitMs;
  }

  get isWaitedAt(): boolean {
    return this.#waiting.length > 0;
  }

  /** True when there is more, false when the wait has lasted too long. */
  wait(): Promise<boolean> {
    if (this.#shut) return Promise.resolve(false);
    const { promise, resolve } = Promise.withResolvers<boolean>();
    this.#waiting.push(resolve);
    this.#stop ??= this.#clock.later(this.#limitMs, () => this.settle(false));
    return promise;
  }

  /** All who wait go on, or end. */
  settle(mayGoOn: boolean): void {
    this.#stop?.();
    this.#stop = undefined;
    this.#shut = !mayGoOn;
    for (const resolve of this.#waiting.splice(0)) resolve(mayGoOn);
  }
}

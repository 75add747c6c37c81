// The meter of a payer: the same object for its tunnels from the first to the last, whatever account is behind it. Someone on the free quota who
// opens a channel, or an entry that opens another one, changes the account; tunnels that run go on under that. Made for each lease by
// relay/entry/leases.ts, and for each link by relay/exit/tunnel-handler.ts.

import type { TunnelMeter } from './tunnel-meter.ts';

export class PayerMeter implements TunnelMeter {
  #account: TunnelMeter;
  #ended = false;
  /** Those who wait, to be asked again when the account is another. */
  readonly #waiting = new Set<() => void>();

  constructor(account: TunnelMeter) {
    this.#account = account;
  }

  isFor(account: TunnelMeter): boolean {
    return this.#account === account;
  }

  change(account: TunnelMeter): void {
    if (this.isFor(account)) return;
    this.#account = account;
    this.#wake();
  }

  /** Nothing passes any more. */
  end(): void {
    this.#ended = true;
    this.#wake();
  }

  pass(direction: 'up' | 'down', bytes: number): boolean {
    return !this.#ended && this.#account.pass(direction, bytes);
  }

  async wait(): Promise<boolean> {
    while (!this.#ended) {
      const asked = this.#account;
      const more = await this.#answerOf(asked);
      if (this.isFor(asked)) return more && !this.#ended;
      if (this.pass('up', 0)) return true;
    }
    return false;
  }

  /** What the account answers, or false as soon as it is no longer the one to ask. */
  #answerOf(account: TunnelMeter): Promise<boolean> {
    const { promise, resolve } = Promise.withResolvers<boolean>();
    const wake = (): void => resolve(false);
    this.#waiting.add(wake);
    void account.wait().then(resolve, wake);
    return promise.finally(() => this.#waiting.delete(wake));
  }

  #wake(): void {
    for (const wake of this.#waiting) wake();
  }
}

// Who pays for bytes: a channel (channel-account.ts) or the free quota of a source (free-account.ts). Tunnels ask it whether more may pass, and wait here
// where nobody pays; streams listen to it. Leases and links hold it by the type `TunnelMeter`.

import type { TunnelMeter } from '../net/tunnel-meter.ts';
import { CreditGate } from './credit-gate.ts';
import type { Clock } from './parts.ts';

/** Bytes, seen from the payer. */
export type Used = { up: bigint; down: bigint };

export type AccountListener = {
  /** An increment was used or the tunnels wait, and what was counted is on the disk. */
  counted(): void;
  /** A deposit has come further, or failed. */
  changed(): void;
};

export abstract class Account implements TunnelMeter {
  readonly #gate: CreditGate;
  readonly #listeners = new Set<AccountListener>();
  // Numbers: exact to 8 PiB, and bytes are counted thousands of times a second.
  #up = 0;
  #down = 0;

  constructor(clock: Clock, stallLimitMs: number) {
    this.#gate = new CreditGate(clock, stallLimitMs);
  }

  /** Since this was made. */
  get used(): Used {
    return { up: BigInt(this.#up), down: BigInt(this.#down) };
  }

  get bytes(): number {
    return this.#up + this.#down;
  }

  pass(direction: 'up' | 'down', bytes: number): boolean {
    if (direction === 'up') this.#up += bytes;
    else this.#down += bytes;
    return this.mayPass();
  }

  wait(): Promise<boolean> {
    // More may have come since the tunnel asked.
    if (this.mayPass()) return Promise.resolve(true);
    const waiting = this.#gate.wait();
    this.stalled();
    return waiting;
  }

  /** Returns what ends it. */
  listen(listener: AccountListener): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  tellChanged(): void {
    for (const listener of this.#listeners) listener.changed();
  }

  /** Bytes of today's free quota that are left; 0 for a channel. */
  abstract readonly freeBytes: bigint;

  /** Whether more may pass after what was counted. Asked for every chunk. */
  protected abstract mayPass(): boolean;

  /** Tunnels have begun to wait: where it is the payer's turn it is told, since it may not know. */
  protected abstract stalled(): void;

  protected get isWaitedFor(): boolean {
    return this.#gate.isWaitedAt;
  }

  protected tellCounted(): void {
    for (const listener of this.#listeners) listener.counted();
  }

  /** More may pass than could a moment ago. */
  protected more(): void {
    this.#gate.settle(true);
  }
}

// The tunnels of one payer: each chunk is counted, and where the meter says no all of them stop being read at once, so that what passes
// beyond the credit is one chunk and not one of each tunnel. Made and used by relay/net/tunnel-set.ts.

import type { Bridge } from './bridge.ts';
import type { TunnelMeter } from './tunnel-meter.ts';

export class MeteredTunnels {
  readonly #meter: TunnelMeter;
  readonly #onStall: () => void;
  /** Who went on last is last: after the next stall the others come first. */
  readonly #bridges = new Set<Bridge>();
  #stalled = false;

  constructor(meter: TunnelMeter, onStall: () => void) {
    this.#meter = meter;
    this.#onStall = onStall;
  }

  get size(): number {
    return this.#bridges.size;
  }

  add(bridge: Bridge): void {
    this.#bridges.add(bridge);
    if (this.#stalled) bridge.hold();
  }

  delete(bridge: Bridge): void {
    this.#bridges.delete(bridge);
  }

  /** Counts what has passed. */
  passed(direction: 'up' | 'down', bytes: number): void {
    if (!this.#meter.pass(direction, bytes)) this.#stall();
  }

  get stalled(): boolean {
    return this.#stalled;
  }

  /** Bytes that its tunnels hold in memory. */
  waiting(): number {
    let sum = 0;
    for (const bridge of this.#bridges) sum += bridge.waiting();
    return sum;
  }

  /** Cuts the tunnels that hold most until all hold no more than this. */
  trim(bytes: number): void {
    let sum = this.waiting();
    const heaviestFirst = [...this.#bridges].sort((one, other) => other.waiting() - one.waiting());
    for (const bridge of heaviestFirst) {
      if (sum <= bytes) return;
      sum -= bridge.waiting();
      bridge.cut('it holds too much without credit');
    }
  }

  cut(reason: string): void {
    for (const bridge of this.#bridges) bridge.cut(reason);
  }

  #stall(): void {
    if (this.#stalled) return;
    this.#stalled = true;
    for (const bridge of this.#bridges) bridge.hold();
    this.#onStall();
    // A meter that fails is one that gives no credit.
    void this.#meter.wait().then(
      (more) => (more ? this.#goOn() : this.#end()),
      () => this.#end(),
    );
  }

  #goOn(): void {
    this.#stalled = false;
    for (const bridge of [...this.#bridges]) {
      this.#bridges.delete(bridge);
      this.#bridges.add(bridge);
      bridge.release();
      if (this.#usedUpAgain()) return;
    }
  }

  /** By what a tunnel had waiting. */
  #usedUpAgain(): boolean {
    return this.#stalled;
  }

  /** Tunnels that come later ask the meter anew. */
  #end(): void {
    this.cut('nobody pays for it');
    this.#stalled = false;
  }
}

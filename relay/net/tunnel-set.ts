// The tunnels under way in a relay, so that shutting down can wait for them and then cut the rest.
// Cutting comes before the libp2p connection closes: that would end each stream in order, and a cut download would look complete.

import { setTimeout as delay } from 'node:timers/promises';
import type { Socket } from 'node:net';
import type { Stream } from '@libp2p/interface';
import { bridge, type Bridge } from './bridge.ts';

export class TunnelSet {
  readonly #bridges = new Set<Bridge>();

  get size(): number {
    return this.#bridges.size;
  }

  /** Starts to copy between the two; see `bridge`. */
  join(socket: Socket, stream: Stream, head?: Uint8Array): void {
    const tunnel = bridge(socket, stream, head);
    this.#bridges.add(tunnel);
    void tunnel.ended.then(() => this.#bridges.delete(tunnel));
  }

  /** Waits until all have ended, for `graceMs` at most, and cuts those that have not. */
  async drain(graceMs: number): Promise<void> {
    const ended = Promise.all([...this.#bridges].map((tunnel) => tunnel.ended));
    const timer = new AbortController();
    await Promise.race([ended, delay(graceMs, undefined, { signal: timer.signal }).catch(() => undefined)]);
    timer.abort();
    for (const tunnel of this.#bridges) tunnel.cut('the relay is shutting down');
  }
}

// The tunnels under way in a relay, so that those of one payer can be counted and held together, and shutting down can wait for all and then
// cut the rest. Cutting comes before the libp2p connection closes: that would end each stream in order, and a cut download would look complete.

import { setTimeout as delay } from 'node:timers/promises';
import type { Socket } from 'node:net';
import type { Stream } from '@libp2p/interface';
import type { BandwidthShare } from './bandwidth.ts';
import { bridge, type Bridge } from './bridge.ts';
import { MeteredTunnels } from './metered-tunnels.ts';
import { shareHold } from './shared-hold.ts';
import type { TunnelMeter } from './tunnel-meter.ts';

/** A second count of one tunnel, by where it goes and not by who pays for it. */
export type TunnelCount = {
  passed(bytes: number): void;
  /** @param clean both halves ended in order */
  ended(clean: boolean): void;
};

export type JoinOptions = {
  /** How many bytes were read from the socket and sent already. */
  sent?: number;
  /** Who counts them; nobody where it is missing. */
  meter?: TunnelMeter | undefined;
  /** Counts along, and stops nothing. */
  count?: TunnelCount | undefined;
  /** Limits of bandwidth that it is under. */
  share?: BandwidthShare | undefined;
  /** The socket is read by this process itself; see `bridge`. */
  betweenPieces?: (() => void) | undefined;
};

/** Since the start, in bytes: what came from sockets, and what from streams. It says nothing of whose they were. */
export type TunnelTotals = { open: number; opened: number; fromSockets: number; fromStreams: number };

/** What payers without credit may make the relay hold, in bytes: those of one, and of all of them. */
export type StallLimits = { ofOne: number; ofAll: number };

/** Long enough that what was in flight has come: senders stop when their windows are full. */
const LOOK_MS = 500;

export class TunnelSet {
  readonly #bridges = new Set<Bridge>();
  readonly #metered = new Map<TunnelMeter, MeteredTunnels>();
  /** By limits of bandwidth. */
  readonly #limited = new Map<TunnelMeter, MeteredTunnels>();
  /** What a payer calls the bytes that come from a socket. */
  readonly #fromSocket: 'up' | 'down';
  readonly #limits: StallLimits | undefined;
  #looking: NodeJS.Timeout | undefined;
  /** Of those that have ended. */
  readonly #ended = { tunnels: 0, fromSockets: 0, fromStreams: 0 };

  /**
   * @param payer at the end of the sockets (a browser at its entry) or of the streams (an entry at the exit)
   * @param limits missing: an exit, which stops a link and picks none of its clients
   */
  constructor(payer: 'socket' | 'stream', limits?: StallLimits) {
    this.#fromSocket = payer === 'socket' ? 'up' : 'down';
    this.#limits = limits;
  }

  get size(): number {
    return this.#bridges.size;
  }

  totals(): TunnelTotals {
    const sum = { ...this.#ended };
    for (const tunnel of this.#bridges) {
      const { fromSocket, fromStream } = tunnel.carried();
      sum.fromSockets += fromSocket;
      sum.fromStreams += fromStream;
    }
    const { tunnels, ...bytes } = sum;
    return { open: this.size, opened: tunnels + this.size, ...bytes };
  }

  /** Starts to copy between the two; see `bridge`. */
  join(socket: Socket, stream: Stream, { sent, meter, count, share, betweenPieces }: JoinOptions = {}): void {
    const payer = meter === undefined ? undefined : this.#tunnelsOf(meter);
    const limits = (share?.meters ?? []).map((limit) => [limit, this.#limitedBy(limit)] as const);
    const groups = [...(payer === undefined ? [] : [payer]), ...limits.map(([, group]) => group)];
    const tunnel = bridge(socket, stream, {
      ...(sent === undefined ? {} : { sent }),
      betweenPieces,
      ...(groups.length === 0 && count === undefined ? {} : { passed: this.#counter(groups, count) }),
    });
    this.#bridges.add(tunnel);
    // One who may hold it needs no account of others who do.
    const holder = groups.length > 1 ? shareHold(tunnel) : () => tunnel;
    const held = groups.map((group) => [group, holder()] as const);
    for (const [group, one] of held) group.add(one);
    void tunnel.ended.then(({ clean, fromSocket, fromStream }) => {
      count?.ended(clean);
      this.#ended.tunnels += 1;
      this.#ended.fromSockets += fromSocket;
      this.#ended.fromStreams += fromStream;
      this.#bridges.delete(tunnel);
      for (const [group, one] of held) group.delete(one);
      if (meter !== undefined && payer?.size === 0) this.#metered.delete(meter);
      for (const [limit, group] of limits) if (group.size === 0) this.#limited.delete(limit);
      share?.leave();
    });
  }

  /** Cuts what this payer has under way. */
  cut(meter: TunnelMeter, reason: string): void {
    this.#metered.get(meter)?.cut(reason);
  }

  /** Waits until all have ended, for `graceMs` at most, and cuts those that have not. */
  async drain(graceMs: number): Promise<void> {
    const ended = Promise.all([...this.#bridges].map((tunnel) => tunnel.ended));
    const timer = new AbortController();
    await Promise.race([ended, delay(graceMs, undefined, { signal: timer.signal }).catch(() => undefined)]);
    timer.abort();
    for (const tunnel of this.#bridges) tunnel.cut('the relay is shutting down');
    clearTimeout(this.#looking);
  }

  #tunnelsOf(meter: TunnelMeter): MeteredTunnels {
    const known = this.#metered.get(meter);
    if (known !== undefined) return known;
    const tunnels = new MeteredTunnels(meter, () => this.#lookLater());
    this.#metered.set(meter, tunnels);
    return tunnels;
  }

  /** Who waits for a limit holds no more than any slow reader does. */
  #limitedBy(limit: TunnelMeter): MeteredTunnels {
    const tunnels = this.#limited.get(limit) ?? new MeteredTunnels(limit, () => undefined);
    this.#limited.set(limit, tunnels);
    return tunnels;
  }

  #lookLater(): void {
    if (this.#limits === undefined) return;
    this.#looking ??= setTimeout(() => this.#look(), LOOK_MS);
  }

  /** Cuts what payers without credit hold beyond the limits, the heaviest first, and looks again while there are any. */
  #look(): void {
    this.#looking = undefined;
    const stalled = [...this.#metered.values()].filter((payer) => payer.stalled);
    if (this.#limits === undefined || stalled.length === 0) return;
    const { ofOne, ofAll } = this.#limits;
    for (const payer of stalled) payer.trim(ofOne);
    const sizes = stalled.map((payer) => ({ payer, bytes: payer.waiting() })).sort((a, b) => b.bytes - a.bytes);
    let sum = sizes.reduce((total, { bytes }) => total + bytes, 0);
    for (const { payer, bytes } of sizes) {
      if (sum <= ofAll) break;
      payer.trim(0);
      sum -= bytes;
    }
    this.#lookLater();
  }

  #counter(
    groups: readonly MeteredTunnels[],
    count: TunnelCount | undefined,
  ): (from: 'socket' | 'stream', bytes: number) => void {
    const toSocket = this.#fromSocket === 'up' ? 'down' : 'up';
    return (from, bytes) => {
      count?.passed(bytes);
      const direction = from === 'socket' ? this.#fromSocket : toSocket;
      for (const group of groups) group.passed(direction, bytes);
    };
  }
}

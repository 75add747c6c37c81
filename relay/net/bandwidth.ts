// Which limits of bandwidth a tunnel is under: its own, those it shares with the tunnels of its lease and of its link, and that of the whole relay. Built by the entry and the exit. What no limit
// is configured for has none, and costs nothing.

import type { LimitsConfig } from '../config/limits.ts';
import { RateMeter } from './rate-meter.ts';
import type { TunnelMeter } from './tunnel-meter.ts';

export type BandwidthScope = keyof LimitsConfig['bandwidthKiB'];

/** Whom a tunnel belongs to. Kept while it runs. */
export type BandwidthKeys = {
  /** At an entry: the lease, or the source where nobody needs one. */
  lease?: unknown;
  /** The relay at the other end of the stream. */
  link: string;
};

export type BandwidthShare = {
  /** None: nothing limits it. */
  readonly meters: readonly TunnelMeter[];
  /** The tunnel is over. May be called more than once. */
  leave(): void;
};

const KIB = 1024;
const UNLIMITED: BandwidthShare = { meters: [], leave: () => undefined };

export class Bandwidth {
  readonly #onWait: (scope: BandwidthScope) => void;
  #limits: LimitsConfig['bandwidthKiB'];
  readonly #total: { meter?: RateMeter } = {};
  readonly #leases = new Map<unknown, { meter: RateMeter; tunnels: number }>();
  readonly #links = new Map<unknown, { meter: RateMeter; tunnels: number }>();
  readonly #tunnels = new Set<RateMeter>();

  constructor(limits: LimitsConfig['bandwidthKiB'] = {}, onWait: (scope: BandwidthScope) => void = () => undefined) {
    this.#limits = limits;
    this.#onWait = onWait;
  }

  /** Those that run under a limit are under the new one; those that began without one stay without it. */
  change(limits: LimitsConfig['bandwidthKiB']): void {
    this.#limits = limits;
    this.#total.meter?.change(bytes(limits.total));
    for (const { meter } of this.#leases.values()) meter.change(bytes(limits.lease));
    for (const { meter } of this.#links.values()) meter.change(bytes(limits.link));
    for (const meter of this.#tunnels) meter.change(bytes(limits.tunnel));
  }

  /** For a tunnel that begins. */
  enter({ lease, link }: BandwidthKeys): BandwidthShare {
    const limits = this.#limits;
    const left: (() => void)[] = [];
    const meters: RateMeter[] = [];
    if (limits.tunnel !== undefined) {
      const own = this.#create('tunnel', limits.tunnel);
      this.#tunnels.add(own);
      meters.push(own);
      left.push(() => this.#tunnels.delete(own));
    }
    const share = (
      all: Map<unknown, { meter: RateMeter; tunnels: number }>,
      key: unknown,
      scope: 'lease' | 'link',
    ): void => {
      const rate = limits[scope];
      if (rate === undefined || key === undefined) return;
      const known = all.get(key) ?? { meter: this.#create(scope, rate), tunnels: 0 };
      all.set(key, known);
      known.tunnels += 1;
      meters.push(known.meter);
      left.push(() => {
        known.tunnels -= 1;
        if (known.tunnels === 0) all.delete(key);
      });
    };
    share(this.#leases, lease, 'lease');
    share(this.#links, link, 'link');
    if (limits.total !== undefined) meters.push((this.#total.meter ??= this.#create('total', limits.total)));
    if (meters.length === 0) return UNLIMITED;
    return {
      meters,
      leave: () => {
        for (const leave of left.splice(0)) leave();
      },
    };
  }

  #create(scope: BandwidthScope, kibPerSecond: number): RateMeter {
    return new RateMeter(bytes(kibPerSecond), () => this.#onWait(scope));
  }
}

function bytes(kibPerSecond: number | undefined): number {
  return kibPerSecond === undefined ? Infinity : kibPerSecond * KIB;
}

// Whose bytes those of a tunnel are. A lease is a place (source, port of the entry), and a place has one holder: a second client behind the
// same address is sent to another port, so that two neighbours never pay for each other, and nothing of it shows in a name or at the exit.
// Built by relay/entry/entry.ts; relay/session asks for leases, the entry for the meter of each tunnel. In memory only, like connections.

import type { PeerLabel } from '../../src/core/tunnel/circuit-name.ts';
import { PayerMeter } from '../net/payer-meter.ts';
import type { TunnelMeter } from '../net/tunnel-meter.ts';
import { sourceOf, UNKNOWN_SOURCE } from './admission.ts';

export type LeaseRequest = {
  /** The client's worker. */
  peer: PeerLabel;
  /** Where it comes from; its tunnels must come from there as well (the same address, or the same /64). */
  address: string;
  /** Who is charged. */
  meter: TunnelMeter;
};

/** After a later grant of the same lease, and after its end, both functions of this one do nothing. */
export type GrantedLease = {
  /** The entry's port that the client's tunnels must come to. */
  port: number;
  /** How long the lease stays without a tunnel and without `touch`. */
  idleSeconds: number;
  /** Ends it: what runs under it is cut. */
  release(): void;
  /** A message of the session came. */
  touch(): void;
};

/** A tunnel under a lease. */
export type LeasedTunnel = {
  /** The same object for all tunnels of a lease. */
  meter: TunnelMeter;
  /** Tunnels of the lease when this one came, with it. */
  running: number;
  /** The tunnel is over. May be called more than once. */
  end(): void;
};

export type Leases = {
  /**
   * The same peer gets the lease back that it has at this source, with the new account, and another peer with the same account (a worker that was
   * started anew, a second device on one seed) shares it. 'no-port' where every port is another's, and where the entry has no room.
   */
  grant(request: LeaseRequest): GrantedLease | 'no-port';
  /** Undefined: nobody has a lease there, the tunnel is refused. */
  tunnelFrom(address: string, port: number): LeasedTunnel | undefined;
  /** How many there are. */
  count(): number;
  /** Ends those that have been idle for too long; they end by themselves when somebody asks for their place. */
  sweep(): void;
  /** Ends all. */
  close(): void;
};

export type LeasesInit = {
  /** The usual one first. Fewer than 100. */
  ports: readonly number[];
  /** The lease of this meter is over. */
  onEnded: (meter: TunnelMeter) => void;
  idleMs?: number;
  /** Leases in all. */
  most?: number;
  /** ms of a clock that never goes back. */
  now?: () => number;
};

/** Someone reads a page, or has gone for lunch; browsers close idle connections to a proxy after five minutes. */
export const LEASE_IDLE_MS = 3_600_000;

/** As many as the entry carries connections; each costs about 1 kB. */
export const MAX_LEASES = 20_000;

/**
 * How long the place of a lease that has ended stays its holder's: the browser of a client that has not noticed (a machine that
 * slept) still comes to that port, and another holder would pay for it.
 */
export const RESERVE_MS = 600_000;

type Lease = {
  /** Who asked last. */
  peer: PeerLabel;
  /** Several peers have come with this account: none of them may put another one in its place. */
  shared: boolean;
  port: number;
  meter: PayerMeter;
  tunnels: number;
  /** When the last tunnel ended or the last message came. */
  used: number;
  /** The newest grant: older ones have nothing to say. */
  grant: object;
};

/** What is known of one source: at most one lease for each port, and whose the ports were that are free. */
type Source = { leases: Map<number, Lease>; past: Map<number, { peer: PeerLabel; ended: number }> };

export function createLeases({
  ports,
  onEnded,
  idleMs = LEASE_IDLE_MS,
  most = MAX_LEASES,
  now = () => performance.now(),
}: LeasesInit): Leases {
  const sources = new Map<string, Source>();
  let count = 0;

  const end = (source: Source, lease: Lease): void => {
    source.leases.delete(lease.port);
    source.past.set(lease.port, { peer: lease.peer, ended: now() });
    count -= 1;
    lease.meter.end();
    onEnded(lease.meter);
  };

  const isOver = (lease: Lease): boolean => lease.tunnels === 0 && now() - lease.used >= idleMs;

  /** As it is now: without what is over. */
  const look = (name: string): Source | undefined => {
    const source = sources.get(name);
    if (source === undefined) return undefined;
    for (const lease of source.leases.values()) if (isOver(lease)) end(source, lease);
    for (const [port, { ended }] of source.past) if (now() - ended >= RESERVE_MS) source.past.delete(port);
    if (source.leases.size > 0 || source.past.size > 0) return source;
    sources.delete(name);
    return undefined;
  };

  /** The peer's own port of before, else the first that is nobody's. */
  const freePort = (source: Source, peer: PeerLabel): number | undefined => {
    const free = ports.filter((port) => !source.leases.has(port));
    return free.find((port) => source.past.get(port)?.peer === peer) ?? free.find((port) => !source.past.has(port));
  };

  const ownOf = ({ leases }: Source, peer: PeerLabel, meter: TunnelMeter): Lease | undefined => {
    const all = [...leases.values()];
    const ofPeer = all.find((lease) => lease.peer === peer && !lease.shared);
    return ofPeer ?? all.find((lease) => lease.meter.isFor(meter));
  };

  const granted = (source: Source, lease: Lease): GrantedLease => {
    const grant = {};
    lease.grant = grant;
    const isMine = (): boolean => lease.grant === grant && source.leases.get(lease.port) === lease;
    return {
      port: lease.port,
      idleSeconds: Math.floor(idleMs / 1000),
      release: () => {
        if (isMine()) end(source, lease);
      },
      touch: () => {
        if (isMine()) lease.used = now();
      },
    };
  };

  return {
    grant: ({ peer, address, meter }) => {
      const name = sourceOf(address);
      if (name === UNKNOWN_SOURCE) return 'no-port';
      const source = look(name) ?? { leases: new Map(), past: new Map() };
      const known = ownOf(source, peer, meter);
      if (known !== undefined) {
        known.shared ||= known.peer !== peer;
        known.peer = peer;
        known.used = now();
        known.meter.change(meter);
        return granted(source, known);
      }
      const port = freePort(source, peer);
      // Places of the past are kept for a while as well, so sources are bounded of themselves.
      if (port === undefined || count >= most || sources.size >= 2 * most) return 'no-port';
      const lease = { peer, shared: false, port, meter: new PayerMeter(meter), tunnels: 0, used: now(), grant: {} };
      source.leases.set(port, lease);
      source.past.delete(port);
      sources.set(name, source);
      count += 1;
      return granted(source, lease);
    },

    tunnelFrom: (address, port) => {
      const name = sourceOf(address);
      const lease = name === UNKNOWN_SOURCE ? undefined : look(name)?.leases.get(port);
      if (lease === undefined) return undefined;
      lease.tunnels += 1;
      let running = true;
      return {
        meter: lease.meter,
        running: lease.tunnels,
        end: () => {
          if (!running) return;
          running = false;
          lease.tunnels -= 1;
          lease.used = now();
        },
      };
    },

    count: () => count,

    sweep: () => {
      for (const name of [...sources.keys()]) look(name);
    },

    close: () => {
      for (const source of sources.values()) for (const lease of source.leases.values()) end(source, lease);
      sources.clear();
    },
  };
}

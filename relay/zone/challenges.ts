// What relays have left at `_acme-challenge` of their names: the digest that a certificate authority looks for (RFC 8555 §8.4). In memory, since it is of use for minutes; written by
// the broker, read by the name server. Several zone servers of one zone would have to share it, which this one does not do.

import type { PeerLabel } from '../../src/core/tunnel/circuit-name.ts';

export type Challenges = {
  put(peer: PeerLabel, value: string): void;
  get(peer: PeerLabel): readonly string[];
};

/** p2p-forge keeps a value for an hour; an authority looks within minutes, and tries again for some more. */
const KEPT_MS = 3_600_000;
/** A relay that orders from several authorities at once has several. */
const MAX_OF_PEER = 4;
/** Relays at once: the broker lets in far fewer in an hour. About 20 MB. */
const MAX_PEERS = 100_000;

/** @param now ms, monotone */
export function createChallenges(now: () => number): Challenges {
  const kept = new Map<PeerLabel, { value: string; until: number }[]>();
  const current = (peer: PeerLabel) => (kept.get(peer) ?? []).filter(({ until }) => until > now());
  return {
    put: (peer, value) => {
      const others = current(peer).filter((each) => each.value !== value);
      kept.delete(peer);
      kept.set(peer, [...others, { value, until: now() + KEPT_MS }].slice(-MAX_OF_PEER));
      for (const [oldest, values] of kept) {
        // The map has the one that was written longest ago first.
        if (kept.size <= MAX_PEERS && values.some(({ until }) => until > now())) break;
        kept.delete(oldest);
      }
    },
    get: (peer) => current(peer).map(({ value }) => value),
  };
}

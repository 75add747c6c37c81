// What the payee's side of a session is given: by relay/relay.ts in the daemon, by tests in theirs.

import type { PeerLabel } from '../../src/core/tunnel/circuit-name.ts';
import type { Leases } from '../entry/leases.ts';
import type { PayeeChain } from '../chain/payee-chain.ts';
import type { Ledger } from '../ledger/ledger.ts';

export type Clock = {
  /** ms since the epoch. */
  now(): number;
  /** Calls once, `ms` later; returns what calls it off. */
  later(ms: number, act: () => void): () => void;
};

export type Prices = { entryPerMiB: bigint; exitPerMiB: bigint };

export type PayeeInit = {
  /** `session`: clients pay this entry. `transit`: entries pay this exit. */
  role: 'session' | 'transit';
  /** As libp2p prints it. */
  peerId: string;
  /** The libp2p key signs quotes. */
  sign: (bytes: Uint8Array) => Promise<Uint8Array>;
  ledger: Ledger;
  chain: PayeeChain;
  /** Of an entry. */
  leases: Pick<Leases, 'grant'> | undefined;
  /** Base units for 2^20 bytes. */
  prices: Prices;
  /** Base units. */
  minDeposit: bigint;
  /** Bytes a day for one source prefix; 0 at an exit. */
  freeBytesPerDay: bigint;
  /** What one payer uses in a second at best, for the increment. */
  bytesPerSecond: bigint;
  clock: Clock;
  /** How long tunnels wait for credit, ms. */
  stallLimitMs: number;
};

/** Who is at the other end of a stream: what the handshake has proved, and where it comes from. */
export type Payer = {
  peer: PeerLabel;
  peerId: string;
  /** IP address. Used for leases, the free quota and rates; never kept, never logged. */
  address: string;
};

export const systemClock: Clock = {
  now: () => Date.now(),
  later: (ms, act) => {
    const timer = setTimeout(act, ms);
    timer.unref();
    return () => clearTimeout(timer);
  },
};

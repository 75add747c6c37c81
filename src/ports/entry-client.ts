// The worker's own line to an entry, and what it can say of a peer's key. Implemented by src/net with libp2p.

import type { ReadMark } from '../core/directory/directory.ts';
import type { SignedDescriptor } from '../core/directory/open-descriptor.ts';
import type { PaymentStream } from './payment-stream.ts';

/** An entry as a circuit names it; `peer` in base36. */
export type EntryAddress = { peer: string; host: string; port: number };

/** `time`: of the clock of who answers, seconds since the epoch. */
export type DirectoryAnswer = { entries: SignedDescriptor[]; mark: ReadMark; time: number };

export class EntryUnreachableError extends Error {
  override readonly name = 'EntryUnreachableError';
}

export interface EntryClient {
  /**
   * Connects to an entry, or uses the connection there is, and sends it a ping.
   * @returns the ping's round trip in ms, which need not be waited for (undefined: it did not come back, the connection is dead), and whether there was a connection before: then somebody else needs it
   * Throws `EntryUnreachableError`, also when another peer answers.
   */
  reach(
    entry: EntryAddress,
    options: { signal: AbortSignal },
  ): Promise<{ roundTrip: Promise<number | undefined>; wasThere: boolean }>;
  /**
   * Opens a stream for payments on the connection to an entry that was reached. One that takes no money ends it, and the stream then says that it is not spoken.
   * Throws `EntryUnreachableError`.
   */
  session(peer: string, options: { signal: AbortSignal }): Promise<PaymentStream>;
  /**
   * Asks an entry that was reached for the directory; what comes is not opened. Throws `DirectoryError` where it breaks the protocol, else `EntryUnreachableError`.
   * @param mark up to where it was asked before; undefined: for all of it
   */
  directory(peer: string, mark: ReadMark | undefined, options: { signal: AbortSignal }): Promise<DirectoryAnswer>;
  /** Ends the connection to an entry that nothing else needs. */
  leave(peer: string): Promise<void>;
  /** The connection to an entry that was reached ended, and nobody here ended it. */
  onLost(listener: (peer: string) => void): void;
  /** Ends all connections. */
  stop(): Promise<void>;
}

export interface PeerKeys {
  /** Whether the key that the peer id holds made the signature. False also for what is no peer id or no signature. */
  verify(peer: string, message: Uint8Array, signature: Uint8Array): Promise<boolean>;
}

// What the exit's proxy offers to the rest of the relay: a place where tunnels end. Whoever carries a tunnel here
// (relay/exit/tunnel-handler.ts) copies raw bytes and knows nothing of TLS or HTTP; whoever ends it knows nothing of libp2p.

import type { PeerLabel } from '../../src/core/tunnel/circuit-name.ts';
import type { BlockList } from './block-list.ts';

/** What an exit serves, as far as it may change while it runs. */
export type ExitRules = {
  /** CIDRs opened although they are private. */
  allow: readonly string[];
  denyPorts: readonly number[];
  /** New connections to one address in a second; undefined: no limit. */
  perSecond?: number | undefined;
  /** What it does not serve for its operator's reasons. */
  lists?: readonly BlockList[] | undefined;
  /** What somebody reads who opens the exit itself. */
  contact?: string | undefined;
};

export interface ExitProxy {
  /**
   * Path of a Unix socket in a folder only this process's user may enter. Each connection to it is one tunnel: TLS from its
   * first byte, HTTP/2 or HTTP/1.1 inside.
   */
  readonly path: string;
  /** The same for tunnels of one entry, which the proxy then tells apart. An entry that it was not told of shares `path`. */
  pathFrom(entry: PeerLabel): string;
  /** Ends new sessions that are floods. Called while a tunnel that has carried little brings much. */
  lookAtYoung?: () => void;
  /** Another policy for the requests that come from now on; those under way go on. Missing: it has one for good. */
  change?(rules: ExitRules): void;
  /** Refuses new requests, lets running ones end within `graceMs`, then cuts them. */
  close(graceMs: number): Promise<void>;
}

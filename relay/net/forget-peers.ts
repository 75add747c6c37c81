// Has libp2p forget who is gone. Its peer store keeps whatever a peer ever said of itself, tens of kilobytes if it likes, for six hours at least and of those that never come again for good: whoever makes keys would fill
// the relay's memory, and an entry would remember every client. Nothing here asks it later: relays dial addresses that they are given. Called by relay/net/node.ts.

import type { Libp2p, PeerId } from '@libp2p/interface';

/** After the end of a connection something of it may still be written: what a stream or identify had begun, which takes 10 s at most (limits.ts). */
const LATE_MS = 30_000;

export type ForgetNode = Pick<Libp2p, 'addEventListener' | 'getConnections' | 'peerStore'>;

/** @param lateMs for tests */
export function forgetPeers(node: ForgetNode, lateMs = LATE_MS): void {
  /** Those that are gone, to be looked at once more. */
  let gone = new Set<PeerId>();
  let looking: NodeJS.Timeout | undefined;

  const forget = (peer: PeerId): void => {
    if (node.getConnections(peer).length > 0) return;
    node.peerStore.delete(peer).catch(() => undefined);
  };
  const lookAgain = (): void => {
    looking = undefined;
    const late = gone;
    gone = new Set();
    for (const peer of late) forget(peer);
  };
  node.addEventListener('peer:disconnect', ({ detail: peer }) => {
    forget(peer);
    gone.add(peer);
    looking ??= setTimeout(lookAgain, lateMs).unref();
  });
}

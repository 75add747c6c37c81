// The entry's own count of what went to and came from each exit, to hold against the exit's meter. Counted where the bytes are copied
// (relay/net/tunnel-set.ts), by exit alone: nothing of a client is here.

import { randomUUID } from 'node:crypto';
import type { PeerLabel } from '../../src/core/tunnel/circuit-name.ts';
import type { OwnTotal } from '../../src/core/session/payer-channel.ts';
import { MAX_FRAME } from '../net/bridge.ts';
import { MAX_READ_BUFFER } from '../net/limits.ts';
import type { TunnelCount } from '../net/tunnel-set.ts';

/** Yamux doubles the window of a stream with each frame that comes within four round trips: a handshake of a few kilobytes opens it as far as it goes. */
const FIRST_WINDOW = 256 * 1024;

/** What the exit has read and not sent: a frame that waits for the window, and one that is gathered (relay/net/bridge.ts). */
const IN_HANDS = 2 * MAX_FRAME;

type Link = {
  bytes: number;
  /** What tunnels that were cut may have had on their way: the exit has counted it, and nobody saw it here. */
  lost: number;
  open: Set<{ bytes: number }>;
};

export class ExitTraffic {
  readonly #epoch = randomUUID();
  readonly #links = new Map<PeerLabel, Link>();

  /** A tunnel to that exit begins. */
  tunnel(exit: PeerLabel): TunnelCount {
    const link = this.#of(exit);
    const tunnel = { bytes: 0 };
    link.open.add(tunnel);
    return {
      passed: (bytes) => {
        tunnel.bytes += bytes;
        link.bytes += bytes;
      },
      ended: (clean) => {
        link.open.delete(tunnel);
        if (!clean) link.lost += onItsWay(tunnel.bytes);
      },
    };
  }

  /**
   * Where the count of a session begins: without what is on its way, which comes later, or not at all where its tunnels end in order. With it the session
   * would begin ahead of itself, and an honest exit would seem to claim too much.
   */
  begin(exit: PeerLabel): OwnTotal {
    const { bytes, lost } = this.#of(exit);
    return { epoch: this.#epoch, least: 0n, most: BigInt(bytes + lost) };
  }

  /** `least` is nothing: an exit that claims too little harms itself alone. */
  total(exit: PeerLabel): OwnTotal {
    const { bytes, lost, open } = this.#of(exit);
    let most = bytes + lost;
    for (const tunnel of open) most += onItsWay(tunnel.bytes);
    return { epoch: this.#epoch, least: 0n, most: BigInt(most) };
  }

  isBusy(exit: PeerLabel): boolean {
    return (this.#links.get(exit)?.open.size ?? 0) > 0;
  }

  #of(exit: PeerLabel): Link {
    const known = this.#links.get(exit);
    if (known !== undefined) return known;
    const link: Link = { bytes: 0, lost: 0, open: new Set() };
    this.#links.set(exit, link);
    return link;
  }
}

function onItsWay(bytes: number): number {
  return (bytes === 0 ? FIRST_WINDOW : MAX_READ_BUFFER) + IN_HANDS;
}

// The exits that are connected to this entry: who they are and over which connection a tunnel to each is opened.
// A peer counts as an exit when it dialled the entry's TCP port, proved its key (Noise) and says that it speaks the tunnel protocol
// (identify). The entry dials no exit: one that is not connected does not exist.

import type { Connection } from '@libp2p/interface';
import type { Logger } from 'pino';
import type { PeerLabel } from '../../src/core/tunnel/circuit-name.ts';
import { TUNNEL_PROTOCOL } from '../../src/core/tunnel/protocol.ts';
import { TRANSIT_PROTOCOL } from '../../src/core/wire/session-protocol.ts';
import { peerLabel } from '../identity.ts';
import { logEvent } from '../log.ts';
import { watchLiveness } from '../net/liveness.ts';
import type { RelayNode } from '../net/node.ts';

/** A busy exit may take longer than one round trip to answer; after this it is cut and dials again. */
const IDENTIFY_TIMEOUT_MS = 10_000;

/** Told of each connection of an exit that asks to be paid, before a tunnel is opened on it. */
export type OnPaidExit = (exit: PeerLabel, connection: Connection) => void;

export class Exits {
  /** Newest connection last: when an exit comes back before the old connection is known to be dead, the new one is right. */
  readonly #connections = new Map<PeerLabel, Connection[]>();
  readonly #node: RelayNode;
  readonly #log: Logger;

  readonly #onPaid: OnPaidExit | undefined;

  constructor(node: RelayNode, log: Logger, onPaid?: OnPaidExit) {
    this.#node = node;
    this.#log = log;
    this.#onPaid = onPaid;
    node.addEventListener('connection:open', ({ detail: connection }) => {
      if (connection.direction === 'inbound' && !isWebSocket(connection)) void this.#meet(connection);
    });
  }

  /** The connection to open a tunnel on. */
  find(label: PeerLabel): Connection | undefined {
    return this.#connections.get(label)?.findLast((connection) => connection.status === 'open');
  }

  /** Those that can be had now. */
  connected(): PeerLabel[] {
    return [...this.#connections.keys()];
  }

  async #meet(connection: Connection): Promise<void> {
    let isPaid: boolean;
    try {
      const signal = AbortSignal.timeout(IDENTIFY_TIMEOUT_MS);
      const { protocols } = await this.#node.services.identify.identify(connection, { signal });
      // A peer that is no exit may stay: later protocols between relays need no tunnel.
      if (!protocols.includes(TUNNEL_PROTOCOL) || connection.status !== 'open') return;
      isPaid = protocols.includes(TRANSIT_PROTOCOL);
    } catch (error) {
      connection.abort(error instanceof Error ? error : new Error('identify failed'));
      return;
    }
    if (isPaid) this.#onPaid?.(peerLabel(connection.remotePeer), connection);
    this.#add(connection);
    watchLiveness(connection);
  }

  #add(connection: Connection): void {
    const label = peerLabel(connection.remotePeer);
    const known = this.#connections.get(label) ?? [];
    this.#connections.set(label, [...known, connection]);
    connection.addEventListener('close', () => this.#remove(label, connection), { once: true });
    if (known.length === 0) logEvent(this.#log, 'entry-exit-connected', { exit: label });
  }

  #remove(label: PeerLabel, connection: Connection): void {
    const left = (this.#connections.get(label) ?? []).filter((other) => other !== connection);
    if (left.length > 0) {
      this.#connections.set(label, left);
      return;
    }
    this.#connections.delete(label);
    logEvent(this.#log, 'entry-exit-lost', { exit: label });
  }
}

function isWebSocket(connection: Connection): boolean {
  return connection.remoteAddr.getComponents().some(({ name }) => name === 'ws');
}

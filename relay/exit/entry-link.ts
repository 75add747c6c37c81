// Keeps an exit connected to one of its entries: dials, watches the connection, dials again. All that an exit behind a NAT needs:
// the entry opens its tunnels over this connection, backwards.

import { setTimeout as delay } from 'node:timers/promises';
import type { Connection } from '@libp2p/interface';
import { multiaddr } from '@multiformats/multiaddr';
import type { Logger } from 'pino';
import { peerLabel } from '../identity.ts';
import { logEvent } from '../log.ts';
import { watchLiveness } from '../net/liveness.ts';
import type { RelayNode } from '../net/node.ts';
import { backoffMs } from './backoff.ts';

/** TCP, Noise and Yamux: four round trips. */
const DIAL_TIMEOUT_MS = 15_000;
/** A connection that lasts this long starts the backoff over; an entry that drops us at once does not. */
const STABLE_MS = 10_000;

export type EntryLink = {
  /** Dials no more. Connections are closed with the node. */
  stop(): void;
};

/** @param address multiaddr of the entry with its peer id, as the configuration has it */
export function createEntryLink(
  node: RelayNode,
  address: string,
  log: Logger,
  onLinked: (link: Connection) => void,
): EntryLink {
  const stopping = new AbortController();
  void keepConnected(node, address, log, stopping.signal, onLinked);
  return { stop: () => stopping.abort() };
}

async function keepConnected(
  node: RelayNode,
  address: string,
  log: Logger,
  stop: AbortSignal,
  onLinked: (link: Connection) => void,
): Promise<void> {
  let failures = 0;
  while (!stop.aborted) {
    const connection = await dial(node, address, log, stop);
    if (connection === undefined) failures += 1;
    else {
      const since = Date.now();
      onLinked(connection);
      await lifetime(connection, log);
      failures = Date.now() - since >= STABLE_MS ? 1 : failures + 1;
    }
    await delay(backoffMs(failures, Math.random()), undefined, { signal: stop }).catch(() => undefined);
  }
}

async function dial(node: RelayNode, address: string, log: Logger, stop: AbortSignal): Promise<Connection | undefined> {
  try {
    const signal = AbortSignal.any([stop, AbortSignal.timeout(DIAL_TIMEOUT_MS)]);
    return await node.dial(multiaddr(address), { signal, force: true });
  } catch (error) {
    if (!stop.aborted) {
      const reason = error instanceof Error ? error.message : 'unknown';
      log.warn({ event: 'exit-entry-unreachable', entry: address, reason });
    }
    return undefined;
  }
}

/** Resolves when the connection is over. */
async function lifetime(connection: Connection, log: Logger): Promise<void> {
  const entry = peerLabel(connection.remotePeer);
  const { promise: closed, resolve } = Promise.withResolvers<undefined>();
  connection.addEventListener('close', () => resolve(undefined), { once: true });
  logEvent(log, 'exit-entry-connected', { entry });
  watchLiveness(connection);
  if (connection.status === 'open') await closed;
  logEvent(log, 'exit-entry-lost', { entry });
}

// Behind which relays a bond stands, by the registry: read at the start and every hour, from all servers of the chain that the configuration names. While it cannot be read, what was read before holds: the
// registry's shortest delay is an hour.

import type { Logger } from 'pino';
import type { RegisteredRelay } from '../../src/core/directory/registered-relay.ts';
import { idOf } from '../../src/core/directory/registered-relay.ts';
import { ChainError } from '../../src/chain/rail/chain-error.ts';
import type { Network } from '../../src/chain/rail/networks.ts';
import { readRegistry } from '../../src/chain/registry/read-registry.ts';
import { createRpc } from '../../src/chain/rpc.ts';
import type { Hex } from '../../src/core/payment/hex.ts';
import { createBeat } from '../chain/beat.ts';

const READ_MS = 3_600_000;
const AGAIN_MS = 60_000;

export type Bonded = Pick<RegisteredRelay, 'peer' | 'payee'>;

export type Bonds = {
  isVouched(relay: Bonded): boolean;
  close(): Promise<void>;
};

export type BondsInit = { network: Network; registry: Hex; urls: readonly string[]; log: Logger };

export function createBonds({ network, registry, urls, log }: BondsInit): Bonds {
  const stopping = new AbortController();
  const rpcs = urls.map((url) => createRpc({ url, fetch }));
  let bonded: ReadonlySet<string> = new Set();

  const read = async (): Promise<boolean> => {
    try {
      const { relays } = await readRegistry({ network, registry, rpcs, now: Date.now() }, { signal: stopping.signal });
      bonded = new Set(relays.map(idOf));
      log.debug({ event: 'directory-bonds', relays: bonded.size });
      return false;
    } catch (error) {
      if (!stopping.signal.aborted)
        log.warn({ event: 'directory-bonds-unread', code: error instanceof ChainError ? error.code : 'unknown' });
      return true;
    }
  };
  const beat = createBeat(read, { busyMs: AGAIN_MS, idleMs: READ_MS });
  return {
    isVouched: (relay) => bonded.has(idOf(relay)),
    close: async () => {
      stopping.abort();
      await beat.stop();
    },
  };
}

// Lets the worker ask a host past its own proxy, for as long as it takes: an entry that is no part of a circuit, or a server of the chain while there is no circuit to ask it through.
// Pages can reach such a host in no way meanwhile (src/core/routing: what the worker dials is closed to tabs).

import { parseHost } from '../../src/core/routing/host.ts';
import { askedHostsCell } from '../../src/core/state/cells.ts';
import type { Cells } from '../../src/ports/cells.ts';
import type { Clock } from '../../src/ports/host.ts';

export type PastProxyDeps = {
  cells: Cells;
  clock: Pick<Clock, 'timeout'>;
  /** Puts what the stored state means into force; resolves when it is. */
  changed: () => Promise<void>;
};

/** Where nothing follows. Names that the worker may still ask meanwhile are closed to tabs all the same. */
export const CLOSES_MS = 500;

export type PastProxy = <T>(hosts: readonly string[], work: () => Promise<T>) => Promise<T>;

export function createPastProxy({ cells, clock, changed }: PastProxyDeps): PastProxy {
  return async (all, work) => {
    // Pages are kept from names (src/core/routing/direct-hosts.ts). What is asked at an address goes no other way than before, which while something is private is none.
    const hosts = all.filter((text) => {
      const host = parseHost(text);
      return host?.kind === 'name' && host.name === text;
    });
    await cells.update(askedHostsCell, (before) => [...before, ...hosts]);
    try {
      await changed();
      return await work();
    } finally {
      await cells.update(askedHostsCell, (before) => without(before, hosts));
      // Nobody waits for a door that closes, and the next step puts it in force anyway, mostly with a door of its own.
      clock.timeout(CLOSES_MS).addEventListener('abort', () => void changed());
    }
  };
}

/** Each as often as it was added: two may ask the same one. */
function without(all: readonly string[], gone: readonly string[]): string[] {
  const left = [...all];
  for (const host of gone) {
    const at = left.indexOf(host);
    if (at >= 0) left.splice(at, 1);
  }
  return left;
}

// What the check page needs of the worker: which circuits are in use, a statement asked for by the worker itself, and whether a statement is
// signed by the peer that it names. Called by background/app.ts.

import { circuitsInUse } from '../src/core/circuit/circuit-state.ts';
import {
  checkOrigin,
  parseSignedStatement,
  statementMessage,
  statementUrl,
} from '../src/core/circuit/circuit-statement.ts';
import { CHECK_MS } from '../src/core/circuit/durations.ts';
import { circuitCell } from '../src/core/state/cells.ts';
import type { CircuitParties } from '../src/messages/protocol.ts';
import type { Cells } from '../src/ports/cells.ts';
import type { PeerKeys } from '../src/ports/entry-client.ts';
import type { Clock, ProxiedFetch } from '../src/ports/host.ts';

export type CheckService = {
  circuits: () => Promise<CircuitParties[]>;
  /** A signed statement as JSON text, or null where none came. */
  ask: (nonce: string) => Promise<string | null>;
  /** @param answer a signed statement as JSON text */
  verify: (answer: string) => Promise<boolean>;
};

export type CheckServiceDeps = { cells: Cells; fetch: ProxiedFetch; keys: PeerKeys; clock: Clock };

export function createCheckService({ cells, fetch, keys, clock }: CheckServiceDeps): CheckService {
  return {
    circuits: async () =>
      circuitsInUse(await cells.read(circuitCell)).map(({ entry, exit }) => ({ exit: exit.peer, entry: entry.peer })),
    ask: async (nonce) => {
      try {
        return JSON.stringify(
          await fetch.json(statementUrl(checkOrigin(), nonce), { signal: clock.timeout(CHECK_MS) }),
        );
      } catch {
        return null;
      }
    },
    verify: async (answer) => {
      const signed = parseSignedStatement(parseJson(answer));
      if (signed === undefined) return false;
      const { statement, signature } = signed;
      return keys.verify(statement.peer, statementMessage(statement), fromHex(signature));
    },
  };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

function fromHex(text: string): Uint8Array {
  return Uint8Array.from({ length: text.length / 2 }, (_, index) => parseInt(text.slice(index * 2, index * 2 + 2), 16));
}

// Asks some relays for their directory: those that there is a line to anyway, and others beside them, so that no single one decides what this client knows. A relay that is dialled for
// this alone is left again.

import { ASK_DIRECTORY_MS, REACH_ENTRY_MS, VISIT_STAYS_MS } from '../../src/core/circuit/durations.ts';
import { DirectoryError } from '../../src/core/directory/directory-error.ts';
import { drawSome } from '../../src/core/directory/draw-some.ts';
import { LEAST_ANSWERS } from '../../src/core/directory/judge-answers.ts';
import type { RelayRecord } from '../../src/core/directory/relay-record.ts';
import type { StoredDirectory } from '../../src/core/directory/stored-directory.ts';
import { CircuitNameError, formatCircuitName, type PeerLabel } from '../../src/core/tunnel/circuit-name.ts';
import type { DirectoryAnswer, EntryAddress, EntryClient } from '../../src/ports/entry-client.ts';
import type { Chance, Clock } from '../../src/ports/host.ts';
import type { PastProxy } from './past-proxy.ts';

export type AskDeps = {
  entries: EntryClient;
  clock: Clock;
  chance: Chance;
  pastProxy: PastProxy;
  /** Leaves a relay, unless a circuit that is in use or tried begins with it. */
  leaveUnused: (peer: PeerLabel) => Promise<void>;
  report: (error: unknown) => void;
};

export type Asked = { answers: Map<PeerLabel, DirectoryAnswer>; broke: PeerLabel[] };

export type Places = {
  /** Relays that there is a line to: all are asked. */
  lines: readonly PeerLabel[];
  /** Others that can be dialled: drawn until enough have answered. */
  others: readonly EntryAddress[];
};

/** Some more than are needed: in a list of old times most may be gone. Each may cost a wait. */
export const MAX_VISITS = 12;
/** Side by side: one that does not answer holds up nobody. */
export const VISITS_AT_ONCE = 3;

export type AskLimits = {
  visits: number;
  atOnce: number;
  /** Where the answers go: of several who ask side by side. */
  asked: Asked;
  answered: () => void;
};

/** @param marks up to where each was asked before. Throws the signal's reason */
export async function askRelays(
  { lines, others }: Places,
  marks: StoredDirectory['marks'],
  signal: AbortSignal,
  { entries, clock, chance, pastProxy, leaveUnused, report }: AskDeps,
  { visits: most = MAX_VISITS, atOnce = VISITS_AT_ONCE, asked = nobodyYet(), answered }: Partial<AskLimits> = {},
): Promise<Asked> {
  const { answers, broke } = asked;

  const ask = async (peer: PeerLabel): Promise<void> => {
    const timely = AbortSignal.any([signal, clock.timeout(ASK_DIRECTORY_MS)]);
    try {
      answers.set(peer, await entries.directory(peer, marks[peer], { signal: timely }));
      answered?.();
    } catch (error) {
      signal.throwIfAborted();
      if (error instanceof DirectoryError && error.code !== 'unfinished') broke.push(peer);
    }
  };

  const visit = async (entry: EntryAddress): Promise<void> => {
    let wasThere = false;
    try {
      ({ wasThere } = await entries.reach(entry, { signal: AbortSignal.any([signal, clock.timeout(REACH_ENTRY_MS)]) }));
    } catch {
      signal.throwIfAborted();
      return;
    }
    // Somebody may be paying on a line that there was before.
    await ask(entry.peer).finally(() => (wasThere ? undefined : leaveLater(entry.peer)));
  };

  /** A circuit may begin there: which guards are drawn is not known before it has answered. */
  const leaveLater = (peer: PeerLabel): void => {
    clock.timeout(VISIT_STAYS_MS).addEventListener('abort', () => void leaveUnused(peer).catch(report));
  };

  await Promise.all(lines.map(ask));
  let left = [...others];
  for (let visits = 0; answers.size < LEAST_ANSWERS && visits < most && left.length > 0;) {
    const wanted = Math.min(atOnce, most - visits, LEAST_ANSWERS - answers.size);
    const drawn = drawSome(left, wanted, () => chance.draw());
    left = left.filter((each) => !drawn.includes(each));
    visits += drawn.length;
    await pastProxy(
      drawn.map(({ host }) => host),
      () => Promise.all(drawn.map(visit)),
    );
  }
  return asked;
}

function nobodyYet(): Asked {
  return { answers: new Map(), broke: [] };
}

/** Where entries are dialled for this: their first address, by their own name. */
export function placesOf(relays: readonly Pick<RelayRecord, 'peer' | 'entry'>[]): EntryAddress[] {
  return relays.flatMap(({ peer, entry }) => {
    const [address] = entry?.addresses ?? [];
    return entry === undefined || address === undefined ? [] : placeOf(peer, { ...entry, address });
  });
}

/** None where its name would be none. */
export function placeOf(peer: PeerLabel, at: { address: string; port: number; zone: string }): EntryAddress[] {
  try {
    return [{ peer, host: formatCircuitName({ address: at.address, peer, zone: at.zone }), port: at.port }];
  } catch (error) {
    if (error instanceof CircuitNameError) return [];
    throw error;
  }
}

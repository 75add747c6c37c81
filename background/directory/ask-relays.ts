// Asks some relays for their directory: those that there is a line to anyway, and others beside them, so that no single one decides what this client knows. A relay that is dialled for
// this alone is let past the proxy for as long as it takes, and left again.

import { circuitsInUse } from '../../src/core/circuit/circuit-state.ts';
import { ASK_DIRECTORY_MS, REACH_ENTRY_MS } from '../../src/core/circuit/durations.ts';
import { DirectoryError } from '../../src/core/directory/directory-error.ts';
import { LEAST_ANSWERS } from '../../src/core/directory/judge-answers.ts';
import type { RelayRecord } from '../../src/core/directory/relay-record.ts';
import type { StoredDirectory } from '../../src/core/directory/stored-directory.ts';
import { askedHostsCell, circuitCell, relaysCell } from '../../src/core/state/cells.ts';
import { CircuitNameError, formatCircuitName, type PeerLabel } from '../../src/core/tunnel/circuit-name.ts';
import type { Cells } from '../../src/ports/cells.ts';
import type { DirectoryAnswer, EntryAddress, EntryClient } from '../../src/ports/entry-client.ts';
import type { Chance, Clock } from '../../src/ports/host.ts';

export type AskDeps = {
  cells: Cells;
  entries: EntryClient;
  clock: Clock;
  chance: Chance;
  /** Puts what the stored state means into force; resolves when it is. */
  changed: () => Promise<void>;
};

export type Asked = { answers: Map<PeerLabel, DirectoryAnswer>; broke: PeerLabel[] };

/** @param shunned relays that are not asked */
export async function askRelays(
  marks: StoredDirectory['marks'],
  shunned: ReadonlySet<PeerLabel>,
  signal: AbortSignal,
  { cells, entries, clock, chance, changed }: AskDeps,
): Promise<Asked> {
  const answers: Asked['answers'] = new Map();
  const broke: PeerLabel[] = [];

  const ask = async (peer: PeerLabel): Promise<void> => {
    const timely = AbortSignal.any([signal, clock.timeout(ASK_DIRECTORY_MS)]);
    try {
      answers.set(peer, await entries.directory(peer, marks[peer], { signal: timely }));
    } catch (error) {
      signal.throwIfAborted();
      if (error instanceof DirectoryError && error.code !== 'unfinished') broke.push(peer);
    }
  };

  const visit = async (entry: EntryAddress): Promise<void> => {
    try {
      await entries.reach(entry, { signal: AbortSignal.any([signal, clock.timeout(REACH_ENTRY_MS)]) });
    } catch {
      signal.throwIfAborted();
      return;
    }
    await ask(entry.peer).finally(() => entries.leave(entry.peer));
  };

  const lines = new Set(circuitsInUse(await cells.read(circuitCell)).map(({ entry }) => entry.peer));
  const near = [...lines].filter((peer) => !shunned.has(peer));
  await Promise.all(near.map(ask));
  const others = placesOf((await cells.read(relaysCell)) ?? []).filter(
    ({ peer }) => !lines.has(peer) && !shunned.has(peer),
  );
  // One more where the first does not answer: then it was asked in vain, and that is that.
  for (let left = others; answers.size < LEAST_ANSWERS && left.length > 0;) {
    const drawn = left[Math.floor(chance.draw() * left.length)];
    if (drawn === undefined) break;
    left = left.filter((each) => each !== drawn);
    await cells.update(askedHostsCell, () => [drawn.host]);
    try {
      await changed();
      await visit(drawn);
    } finally {
      await cells.update(askedHostsCell, () => []);
      await changed();
    }
  }
  return { answers, broke };
}

function placesOf(relays: readonly RelayRecord[]): EntryAddress[] {
  return relays.flatMap(({ peer, entry }) => {
    const [address] = entry?.addresses ?? [];
    if (entry === undefined || address === undefined) return [];
    try {
      return [{ peer, host: formatCircuitName({ address, peer, zone: entry.zone }), port: entry.port }];
    } catch (error) {
      if (error instanceof CircuitNameError) return [];
      throw error;
    }
  });
}

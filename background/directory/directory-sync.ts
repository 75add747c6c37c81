// Keeps what this client knows of relays: asks some of them every hour while something is private, takes in what both keys of a relay signed, and draws from it the few relays that circuits
// are made of. The lines that carry private traffic wait for nothing here. Built in background/app.ts.

import { possibleCircuits, readyRelays } from '../../src/core/circuit/choose-circuit.ts';
import { circuitsInUse, circuitsTried, type CircuitState } from '../../src/core/circuit/circuit-state.ts';
import { ASK_AGAIN_DIRECTORY_MS, DIRECTORY_FRESH_MS } from '../../src/core/circuit/durations.ts';
import { choicesThatHold, narrow, type ExitChoices, type LastingChoice } from '../../src/core/circuit/exit-choice.ts';
import { makeRoom, tendGuards } from '../../src/core/circuit/guard-set.ts';
import { indexRelays, type IndexedEntry, type RelayIndex } from '../../src/core/circuit/relay-index.ts';
import { mayBegin, type SelectionWishes } from '../../src/core/circuit/select-circuit.ts';
import { drawChosen, drawShortlist } from '../../src/core/circuit/shortlist.ts';
import { Clocks } from '../../src/core/directory/clocks.ts';
import type { RelayDescriptor } from '../../src/core/directory/descriptor.ts';
import { Directory, type ReadMark } from '../../src/core/directory/directory.ts';
import type { BeginNews } from '../../src/core/directory/begin-news.ts';
import { hidersAmong } from '../../src/core/directory/judge-answers.ts';
import { isReachableRelay } from '../../src/core/directory/reachable.ts';
import { recordsOf } from '../../src/core/directory/records-of.ts';
import { relayFactsOf } from '../../src/core/directory/relay-facts-of.ts';
import type { RelayRecord } from '../../src/core/directory/relay-record.ts';
import { shunned, unusable } from '../../src/core/directory/relay-faults.ts';
import { MAX_MARKS, type StoredDirectory } from '../../src/core/directory/stored-directory.ts';
import {
  beginPlacesCell,
  circuitCell,
  directoryAskedCell,
  directoryCell,
  guardsCell,
  relayFaultsCell,
  relaysCell,
  wishesCell,
} from '../../src/core/state/cells.ts';
import type { PeerLabel } from '../../src/core/tunnel/circuit-name.ts';
import type { Cells } from '../../src/ports/cells.ts';
import type { Blame } from '../blame.ts';
import { askRelays, type Asked } from './ask-relays.ts';
import { begin, type BeginDeps } from './begin.ts';
import type { OpeningKeys } from './keys.ts';
import { knownPlaces, placesOnceKnown, wishesNow } from './known-places.ts';
import { openAll } from './open-all.ts';
import { fromPages, toPages } from './pages.ts';

/** As relays keep (relay/directory/keeper.ts). */
const MAX_RELAYS = 30_000;
/** Of a client's own directory nobody asks what is new. */
const EPOCH = `0x${'00'.repeat(16)}` as const;
/** After these circuits are made of what came already; a full list takes a minute on a slow machine. */
const FIRST_LIGHT = 256;
/** While somebody is likely to look, and not for as long as the worker lives: it is large. */
const REREAD_KEPT_MS = 60_000;
/** One time in so many a relay is asked for all it has: else one that hides something once hides it for ever. */
const WHOLE_ONE_IN = 24;

export type DirectorySyncDeps = Omit<BeginDeps, 'leaveUnused'> & {
  cells: Cells;
  blame: Blame;
  /** Loaded when a descriptor is first opened. */
  keys: () => Promise<OpeningKeys>;
  /** Where the person wants to leave. */
  exitWishes: () => Promise<ExitChoices>;
  /** Puts what the stored state means into force; resolves when it is. */
  changed: () => Promise<void>;
  /** There are other relays to choose from. */
  relaysChanged: (relays: readonly RelayRecord[]) => void;
  report: (error: unknown) => void;
};

export type DirectorySync = {
  /** There is a circuit: asks, where it is time. Returns at once. */
  wake: (state: CircuitState) => void;
  /**
   * No relay is known, or none that is known will do: looks for others where there is a place to begin. True where there are others now.
   * @param unreached of those that are known, who did not answer just now
   */
  find: (signal: AbortSignal, unreached: ReadonlySet<string>) => Promise<boolean>;
  /** The person wishes something else of relays: what circuits are made of is drawn again, from what is stored; nobody is asked. */
  redraw: () => Promise<void>;
  /** What circuits are made of has exits of what the person chooses, where any is known that the guards lead to; nobody is asked. */
  include: (choice: LastingChoice) => Promise<void>;
  /** All relays that are known, for the person to wish among. */
  known: () => Promise<RelayIndex>;
  /** The person named other places to begin: they are tried at the next need. */
  placesChanged: () => void;
  /** What came of them when they were last asked. */
  news: () => readonly BeginNews[];
  /** Nothing is private any more. */
  end: () => void;
};

export function createDirectorySync(deps: DirectorySyncDeps): DirectorySync {
  const { cells, entries, clock, chance, blame, report } = deps;
  const draw = (): number => chance.draw();
  const asking = {
    ...deps,
    leaveUnused: async (peer: PeerLabel): Promise<void> => {
      if (!circuitsTried(await cells.read(circuitCell)).some(({ entry }) => entry.peer === peer))
        await entries.leave(peer);
    },
  };
  let life: AbortController | undefined;
  let notBefore = 0;
  let findAgain = 0;
  let news: readonly BeginNews[] = [];
  let recent: { directory: Directory; now: number } | undefined;

  const usable = async (directory: Directory): Promise<RelayDescriptor[]> => {
    const unfit = unusable(await cells.read(relayFaultsCell), clock.now());
    return directory.descriptors().filter((each) => !unfit.has(each.peer) && isReachableRelay(each));
  };

  /**
   * Draws what circuits are made of, of what the person wishes. What there was stays where nothing can be made of this.
   * @param makesRoom the wishes have just changed
   * @param chosen beside the choices that are stored
   */
  const publish = async (
    directory: Directory,
    now: number,
    { makesRoom = false, chosen = [] }: { makesRoom?: boolean; chosen?: LastingChoice[] } = {},
  ): Promise<boolean> => {
    const descriptors = await usable(directory);
    const index = indexRelays(relayFactsOf(descriptors));
    const wishes = await wishesNow(cells);
    const choices = [...choicesThatHold(await deps.exitWishes()), ...chosen];
    const inUse = circuitsInUse(await cells.read(circuitCell)).flatMap(({ entry, exit }) => [entry.peer, exit.peer]);
    let records: RelayRecord[] = [];
    await cells.update(guardsCell, (guards) => {
      const fits = (entry: IndexedEntry): boolean => mayBegin(index, entry, wishes);
      const tended = tendGuards(makesRoom ? makeRoom(guards, index, fits) : guards, index, now, draw, fits);
      const drawn = (wished: SelectionWishes): RelayRecord[] =>
        recordsOf(descriptors, [
          ...drawShortlist(index, tended, new Set(inUse), now, draw, wished),
          ...choices.flatMap((choice) => drawChosen(index, tended, draw, narrow(wishes, choice))),
        ]);
      records = drawn(wishes);
      const isOfUse = possibleCircuits(records, wishes).length > 0;
      // Circuits are chosen by the wishes all the same: then it is known that there are relays, and that none of them fits.
      if (!isOfUse) records = drawn({});
      return isOfUse ? tended : guards;
    });
    if (possibleCircuits(records).length === 0) return false;
    await cells.update(relaysCell, () => records);
    // Of wishes that changed meanwhile: the list that was drawn for them must not be lost under this one.
    if (spell(await wishesNow(cells)) !== spell(wishes)) return publish(directory, now);
    deps.relaysChanged(records);
    return true;
  };

  const restored = async ({ pages }: StoredDirectory, now: number): Promise<Directory> => {
    const before = await fromPages(pages);
    const directory = new Directory({
      epoch: EPOCH,
      limit: MAX_RELAYS,
      before: { version: before.length, entries: before.map((opened, index) => ({ ...opened, version: index + 1 })) },
    });
    directory.prune(now);
    return directory;
  };

  /** By the clock that relays agreed on when they were last asked. Kept for the view, which is drawn before and after a change: to read 10,000 relays takes seconds. */
  const reread = async (): Promise<{ directory: Directory; now: number }> => {
    if (recent !== undefined) return recent;
    const now = clock.now() + 1000 * (await cells.read(directoryAskedCell)).wrongBy;
    const read = { directory: await restored(await cells.read(directoryCell), now), now };
    recent = read;
    clock.timeout(REREAD_KEPT_MS).addEventListener('abort', () => {
      if (recent === read) recent = undefined;
    });
    return read;
  };

  const redraw = async (): Promise<void> => {
    const { directory, now } = await reread();
    if (await publish(directory, now, { makesRoom: true })) return;
    // The packaged list alone, which stays as it is; or all that is stored is over.
    const { index } = readyRelays((await cells.read(relaysCell)) ?? []);
    const wishes = await wishesNow(cells);
    await cells.update(guardsCell, (guards) => makeRoom(guards, index, (entry) => mayBegin(index, entry, wishes)));
  };

  const include = async (choice: LastingChoice): Promise<void> => {
    const { directory, now } = await reread();
    // The packaged list alone is all there is.
    if (directory.size > 0) await publish(directory, now, { chosen: [choice] });
  };

  const known = async (): Promise<RelayIndex> => {
    const { directory } = await reread();
    const records = (await cells.read(relaysCell)) ?? [];
    const index = indexRelays(relayFactsOf(await usable(directory)));
    // As circuits are: of a directory in which no way leads to an exit none is made, and the list of before stays.
    return [...index.exitsOf.values()].some(({ length }) => length > 0) ? index : readyRelays(records).index;
  };

  const marksAfter = (before: StoredDirectory['marks'], { answers }: Asked): Record<PeerLabel, ReadMark> =>
    Object.fromEntries(
      [...[...answers].map(([peer, { mark }]) => [peer, mark] as const), ...Object.entries(before)]
        .filter(([peer], at, all) => all.findIndex(([each]) => each === peer) === at)
        .slice(0, MAX_MARKS),
    );

  /** Takes in what was answered. True where circuits are made of it now. */
  const take = async (
    asked: Asked,
    stored: StoredDirectory,
    { whole, signal, firstLight }: { whole: boolean; signal: AbortSignal; firstLight: boolean },
  ): Promise<boolean> => {
    await blame(asked.broke, 'breaks');
    if (asked.answers.size === 0) return false;
    const clocks = new Clocks();
    for (const [peer, { time }] of asked.answers) clocks.said(peer, time, clock.now());
    const now = (): number => clock.now() + 1000 * (clocks.wrongBy ?? 0);
    const { keys, chainId } = await deps.keys();
    const directory = await restored(stored, now());
    const { forgers, told } = await openAll(directory, asked.answers, {
      ...{ keys, chainId, now, signal, draw },
      pauseAfter: FIRST_LIGHT,
      // Where there are relays already, the list is drawn once, from all.
      onPause: async () => {
        if (firstLight) await publish(directory, now());
      },
    });
    await blame(forgers, 'forges');
    if (whole) await blame(hidersAmong(told), 'hides');
    const published = await publish(directory, now());
    const pages = await toPages(directory);
    await cells.update(directoryCell, ({ marks }) => ({ pages, marks: marksAfter(marks, asked) }));
    recent = undefined;
    await cells.update(directoryAskedCell, () => ({ at: clock.now(), wrongBy: clocks.wrongBy ?? 0 }));
    notBefore = clock.now() + DIRECTORY_FRESH_MS;
    // Where a circuit is looked for, its first step puts this in force.
    if (!firstLight) await deps.changed();
    return published;
  };

  const sync = async (signal: AbortSignal): Promise<void> => {
    const { at } = await cells.read(directoryAskedCell);
    notBefore = at > clock.now() ? 0 : at + DIRECTORY_FRESH_MS;
    if (clock.now() < notBefore) return;
    notBefore = clock.now() + ASK_AGAIN_DIRECTORY_MS;
    const stored = await cells.read(directoryCell);
    const shun = shunned(await cells.read(relayFaultsCell), clock.now());
    const whole = stored.pages.length === 0 || draw() < 1 / WHOLE_ONE_IN;
    const inUse = new Set(circuitsInUse(await cells.read(circuitCell)).map(({ entry }) => entry.peer));
    const others = (await knownPlaces(cells)).filter(({ peer }) => !inUse.has(peer) && !shun.has(peer));
    const lines = [...inUse].filter((peer) => !shun.has(peer));
    const asked = await askRelays({ lines, others }, whole ? {} : stored.marks, signal, asking);
    await take(asked, stored, { whole, signal, firstLight: false });
  };

  const find = async (signal: AbortSignal, unreached: ReadonlySet<string>): Promise<boolean> => {
    if (clock.now() < findAgain) return false;
    if ((await cells.read(wishesCell)) === 'lost') return false;
    findAgain = clock.now() + ASK_AGAIN_DIRECTORY_MS;
    const { avoid } = await wishesNow(cells);
    const shun = shunned(await cells.read(relayFaultsCell), clock.now());
    const { chainId } = await deps.keys();
    const stored = await cells.read(directoryCell);
    const known = (await placesOnceKnown(cells, stored, draw)).filter(({ peer }) => !unreached.has(peer));
    const begun = await begin(
      {
        ...{ places: await cells.read(beginPlacesCell), known, chainId },
        mayAsk: (peer) => !shun.has(peer) && avoid?.has(peer) !== true,
      },
      signal,
      asking,
    );
    ({ news } = begun);
    return take(begun.asked, stored, { whole: true, signal, firstLight: true });
  };

  return {
    wake: (state) => {
      if (life !== undefined || state.at !== 'verified' || clock.now() < notBefore) return;
      const current = new AbortController();
      life = current;
      sync(current.signal)
        .catch((error: unknown) => {
          if (!current.signal.aborted) report(error);
        })
        .finally(() => {
          if (life === current) life = undefined;
        });
    },
    find: (signal, unreached) =>
      find(signal, unreached).catch((error: unknown) => {
        if (!signal.aborted) report(error);
        return false;
      }),
    redraw,
    include,
    known,
    placesChanged: () => {
      findAgain = 0;
    },
    news: () => news,
    end: () => {
      life?.abort();
      life = undefined;
    },
  };
}

function spell(wishes: SelectionWishes): string {
  return JSON.stringify(wishes, (_, value: unknown) =>
    value instanceof Set ? [...(value as Set<string>)] : typeof value === 'bigint' ? String(value) : value,
  );
}

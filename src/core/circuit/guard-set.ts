// The few entries that a client uses for months. An entry drawn anew for each circuit would meet a hostile one sooner or later, and with it
// a hostile exit; with few that stay, most people never do (Tor's guard-spec, https://spec.torproject.org/guard-spec/, from which the
// ideas and some numbers come; this is smaller). Pure: stored by the caller, and read back by `parseGuardSet`.

import { asNumber, asObject, asText, ParseError } from '../state/parse.ts';
import { isPeerLabel, type PeerLabel } from '../tunnel/circuit-name.ts';
import { areApart, mayPair } from './pairing.ts';
import type { Draw } from './relay-facts.ts';
import type { IndexedEntry, RelayIndex } from './relay-index.ts';
import { weighEntry } from './weigh-exits.ts';
import { drawOne } from './weighted-draw.ts';

/** Times in ms since the epoch. */
export type Guard = {
  peer: PeerLabel;
  addedAt: number;
  /** Drawn for each guard, so that nobody can tell when a client changes. */
  expiresAt: number;
  /** Since when the directory has not had it as an entry; undefined while it has. */
  unlistedSince: number | undefined;
};

/** In the order in which they were added, which is the order in which they are used. */
export type GuardSet = readonly Guard[];

export const NO_GUARDS: GuardSet = [];

/** In use at once: one for the circuit, and another so that the spare circuit is of other relays. Each more is one more chance to be met. */
export const GUARDS_IN_USE = 2;

/** Ever in the set. Whoever can make guards unreachable (a local network) would else drive a client on until it meets theirs. */
export const MAX_GUARDS = 6;

const DAY_MS = 24 * 60 * 60_000;

/** Tor has 60 days for confirmed guards and 120 for the others (guard-spec, appendices; param-spec). */
export const GUARD_LIFE_MIN_MS = 60 * DAY_MS;
export const GUARD_LIFE_MAX_MS = 120 * DAY_MS;

/** Out of the directory for so long it is gone. Tor waits 20 days; a relay here pays for its bond all the while, so it comes back sooner or never. */
export const GUARD_UNLISTED_MS = 10 * DAY_MS;

/**
 * What has expired or gone for good is left out, and the set filled up. A relay that is only down is not known here and stays.
 * Called when the directory has changed, and once a day.
 * @param fits lasting wishes of the person, for those that are added; guards that do not fit stay, since a wish may be taken back
 */
export function tendGuards(
  set: GuardSet,
  index: RelayIndex,
  now: number,
  draw: Draw,
  fits: (entry: IndexedEntry) => boolean = () => true,
): GuardSet {
  let tended: GuardSet = set
    .map((guard) => keepTime(guard, now))
    .map((guard) => {
      const unlistedSince = listed(index, guard) === undefined ? (guard.unlistedSince ?? now) : undefined;
      return unlistedSince === guard.unlistedSince ? guard : { ...guard, unlistedSince };
    })
    .filter(({ expiresAt, unlistedSince }) => expiresAt > now && now - (unlistedSince ?? now) < GUARD_UNLISTED_MS);
  while (tended.length < GUARDS_IN_USE) {
    const more = addGuard(tended, index, now, draw, fits);
    if (more === tended) break;
    tended = more;
  }
  // The same set where nothing has changed: it is stored again otherwise.
  return tended.length === set.length && tended.every((guard, at) => guard === set[at]) ? set : tended;
}

/**
 * One more at the end of the set, for the time in which none of the others will do; the earlier ones are used again as soon as they can be.
 * Never called while the client itself is offline: then all guards look down. @returns the same set where it is full, or none is left
 * @param fits what the person wishes of an entry, and that it is not known to be down
 */
export function addGuard(
  set: GuardSet,
  index: RelayIndex,
  now: number,
  draw: Draw,
  fits: (entry: IndexedEntry) => boolean = () => true,
): GuardSet {
  if (set.length >= MAX_GUARDS) return set;
  const known = new Set(set.map(({ peer }) => peer));
  const others = set.map((guard) => listed(index, guard)).filter((entry) => entry !== undefined);
  const may = (entry: IndexedEntry): boolean =>
    !known.has(entry.peer) && hasExit(index, entry) && others.every((other) => areApart(entry, other)) && fits(entry);
  const found = drawOne(index.entries.filter(may), weighEntry, draw());
  if (found === undefined) return set;
  const expiresAt = now + GUARD_LIFE_MIN_MS + Math.floor(draw() * (GUARD_LIFE_MAX_MS - GUARD_LIFE_MIN_MS));
  return [...set, { peer: found.peer, addedAt: now, expiresAt, unlistedSince: undefined }];
}

/**
 * When the person has changed what they wish, and only then: where the set has no room for as many guards as are in use, the last ones that break a wish go. Nobody else can bring that about, so a set
 * that is used up stays so, whoever makes guards unreachable or takes links from them. One that the directory does not have now is not known to break a wish.
 * @param wanted what the person wishes, and nothing that passes. @returns the same set where there is room, or enough fit
 */
export function makeRoom(set: GuardSet, index: RelayIndex, wanted: (entry: IndexedEntry) => boolean): GuardSet {
  const breaks = set.filter((guard) => {
    const entry = listed(index, guard);
    return entry !== undefined && !wanted(entry);
  });
  const lacking = Math.max(0, GUARDS_IN_USE - (set.length - breaks.length));
  const tooMany = set.length + lacking - MAX_GUARDS;
  if (tooMany <= 0) return set;
  const gone = new Set(breaks.slice(-tooMany));
  return set.filter((guard) => !gone.has(guard));
}

/** An entry that no exit keeps a link to makes no circuit, whatever it says it carries. */
export function hasExit(index: RelayIndex, entry: IndexedEntry): boolean {
  return index.exitsOf.get(entry.peer)?.some((exit) => mayPair(entry, exit)) === true;
}

/** The guards that the directory has now and that will do, in order. */
export function guardsFor(set: GuardSet, index: RelayIndex, fits: (entry: IndexedEntry) => boolean): IndexedEntry[] {
  return set
    .map((guard) => listed(index, guard))
    .filter((entry) => entry !== undefined && fits(entry)) as IndexedEntry[];
}

function listed(index: RelayIndex, { peer }: Guard): IndexedEntry | undefined {
  const relay = index.relays.get(peer);
  return relay?.entry === undefined ? undefined : (relay as IndexedEntry);
}

/** A clock that was ahead and was put right would else keep a guard for years. */
function keepTime(guard: Guard, now: number): Guard {
  const { addedAt, expiresAt, unlistedSince } = guard;
  if (addedAt > now)
    return { ...guard, addedAt: now, expiresAt: now + (expiresAt - addedAt), unlistedSince: undefined };
  return unlistedSince !== undefined && unlistedSince > now ? { ...guard, unlistedSince: now } : guard;
}

/** Throws `ParseError`: a set that somebody else made up would choose the client's entries for it. */
export function parseGuardSet(value: unknown): GuardSet {
  if (!Array.isArray(value) || value.length > MAX_GUARDS) throw new ParseError('not a set of guards');
  const set = value.map(parseGuard);
  if (new Set(set.map(({ peer }) => peer)).size !== set.length) throw new ParseError('a guard is named twice');
  return set;
}

function parseGuard(value: unknown): Guard {
  const fields = asObject(value);
  const peer = asText(fields['peer']);
  if (!isPeerLabel(peer)) throw new ParseError('not a peer');
  const addedAt = asTime(fields['addedAt']);
  const expiresAt = asTime(fields['expiresAt']);
  const life = expiresAt - addedAt;
  if (life < GUARD_LIFE_MIN_MS || life > GUARD_LIFE_MAX_MS) throw new ParseError('no life of a guard');
  const since = fields['unlistedSince'];
  const unlistedSince = since === undefined ? undefined : asTime(since);
  if (unlistedSince !== undefined && unlistedSince < addedAt) throw new ParseError('unlisted before it was added');
  return { peer, addedAt, expiresAt, unlistedSince };
}

function asTime(value: unknown): number {
  const time = asNumber(value);
  if (!Number.isSafeInteger(time) || time < 0) throw new ParseError('not a time');
  return time;
}

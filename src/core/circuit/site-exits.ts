// Which of a few exits a site is reached by, always the same: no exit sees all of a person's sites, and no site sees the person come from
// ever new places. Sites are not written down: a keyed hash tells the slot. Only a site that got an identity of its own stands here by
// name, so this lives in memory (the area `session`), never on disk.

import { asObject, asText, asTexts, ParseError } from '../state/parse.ts';
import { isPeerLabel, type PeerLabel } from '../tunnel/circuit-name.ts';

export type SiteExits = {
  /** 32 hexadecimal digits, drawn anew with each new identity: another identity groups the same sites otherwise. */
  secret: string;
  /** The exit of each slot; undefined until the first site of the slot needs one, and again when the exit is gone. */
  slots: readonly (PeerLabel | undefined)[];
  /** By registrable domain: sites with an identity of their own, its exit, and the exits that the site has seen before. */
  own: Readonly<Record<string, { exit: PeerLabel | undefined; past: readonly PeerLabel[] }>>;
  /** Exits of earlier identities of everything. */
  past: readonly PeerLabel[];
};

/** As many as three sites out of four sharing no exit with a given one, at four circuits to keep alive. */
export const SITE_SLOTS = 4;
/** Far more slots than anybody keeps circuits for. */
const MAX_SLOTS = 16;
/** Sites with an identity of their own; the oldest falls back to its slot, whose exit it may have seen, so there are many. */
const MAX_OWN = 200;
/** Exits that are remembered as seen: beyond it the oldest is forgotten, since a small network runs out of new ones. */
const MAX_PAST = 64;

const SECRET = /^[0-9a-f]{32}$/;

export function noSiteExits(secret: string, slots: number = SITE_SLOTS): SiteExits {
  return { secret, slots: Array.from({ length: slots }, () => undefined), own: {}, past: [] };
}

/** @param site a registrable domain, lower case; @returns undefined where one is still to be chosen */
export function exitOfSite(state: SiteExits, site: string): PeerLabel | undefined {
  const own = ownOf(state, site);
  return own === undefined ? state.slots[slotOf(state, site)] : own.exit;
}

/** Exits that a choice for this site must not take: of other slots and sites, of earlier identities, and seen by the site before. */
export function otherExits(state: SiteExits, site: string): Set<PeerLabel> {
  const all = new Set([...exitsInUse(state), ...state.past, ...(ownOf(state, site)?.past ?? [])]);
  const mine = exitOfSite(state, site);
  if (mine !== undefined) all.delete(mine);
  return all;
}

/** The exit that was chosen for the site, and so for all sites of its slot. */
export function assignExit(state: SiteExits, site: string, exit: PeerLabel): SiteExits {
  const own = ownOf(state, site);
  if (own !== undefined) return { ...state, own: { ...state.own, [site]: { ...own, exit } } };
  return { ...state, slots: state.slots.with(slotOf(state, site), exit) };
}

/**
 * Gives an exit that nobody has to each slot and site that has none; without one they stay as they are.
 * @param exits those that there are circuits to, the best first
 * @param open sites that pages are open of, or were: without an exit of their own they have gone by the first, and stay with it, or a page would be torn between two
 */
export function assignFree(state: SiteExits, exits: readonly PeerLabel[], open: readonly string[] = []): SiteExits {
  const [first] = exits;
  const busy = new Set(open.filter((site) => ownOf(state, site) === undefined).map((site) => slotOf(state, site)));
  let next = state;
  const takeFree = (seen: readonly PeerLabel[]): PeerLabel | undefined => {
    const taken = exitsInUse(next);
    const free = exits.filter((exit) => !taken.has(exit) && !seen.includes(exit));
    return free.find((exit) => !next.past.includes(exit)) ?? free[0];
  };
  state.slots.forEach((exit, slot) => {
    if (exit === undefined && busy.has(slot) && first !== undefined)
      next = { ...next, slots: next.slots.with(slot, first) };
  });
  next.slots.forEach((exit, slot) => {
    const free = exit === undefined ? takeFree([]) : undefined;
    if (free !== undefined) next = { ...next, slots: next.slots.with(slot, free) };
  });
  for (const [site, { exit, past }] of Object.entries(state.own)) {
    const free = exit === undefined ? takeFree(past) : undefined;
    if (free !== undefined) next = { ...next, own: { ...next.own, [site]: { past, exit: free } } };
  }
  return next;
}

/** Every exit that some site is reached by. */
export function exitsInUse({ slots, own }: SiteExits): Set<PeerLabel> {
  return new Set([...slots, ...Object.values(own).map(({ exit }) => exit)].filter((exit) => exit !== undefined));
}

/** An exit that has left, or that failed: its sites get another. */
export function dropExit(state: SiteExits, exit: PeerLabel): SiteExits {
  const own = Object.entries(state.own).map(
    ([site, each]) => [site, each.exit === exit ? { ...each, exit: undefined } : each] as const,
  );
  return {
    ...state,
    slots: state.slots.map((each) => (each === exit ? undefined : each)),
    own: Object.fromEntries(own),
  };
}

/** The site leaves its slot for an exit of its own, which it has not seen before. Nothing changes for other sites. */
export function newIdentityFor(state: SiteExits, site: string): SiteExits {
  const seen = exitOfSite(state, site);
  const before = ownOf(state, site)?.past ?? [];
  const past = (seen === undefined ? before : [...before, seen]).slice(-MAX_PAST);
  const rest = Object.entries(state.own).filter(([each]) => each !== site);
  return { ...state, own: Object.fromEntries([...rest.slice(1 - MAX_OWN), [site, { exit: undefined, past }]]) };
}

/** Everything anew: no exit of before, and other sites together. @param secret freshly drawn */
export function newIdentityForAll(state: SiteExits, secret: string): SiteExits {
  const own = Object.values(state.own).flatMap(({ exit, past }) => [...past, exit]);
  const seen = [...state.past, ...own, ...state.slots].filter((exit) => exit !== undefined);
  return {
    ...noSiteExits(secret, state.slots.length),
    past: [...new Set(seen.reverse())].slice(0, MAX_PAST).reverse(),
  };
}

/** Throws `ParseError`. */
export function parseSiteExits(value: unknown): SiteExits {
  const fields = asObject(value);
  const secret = asText(fields['secret']);
  if (!SECRET.test(secret)) throw new ParseError('not a secret');
  const { slots } = fields;
  if (!Array.isArray(slots) || slots.length < 1 || slots.length > MAX_SLOTS) throw new ParseError('not the slots');
  const own = Object.entries(asObject(fields['own'])).map(([site, each]) => {
    const { exit, past } = asObject(each);
    return [site, { exit: asExit(exit), past: asPast(past) }] as const;
  });
  if (own.length > MAX_OWN) throw new ParseError('too many sites');
  return { secret, slots: slots.map(asExit), own: Object.fromEntries(own), past: asPast(fields['past']) };
}

function ownOf({ own }: SiteExits, site: string): SiteExits['own'][string] | undefined {
  return Object.hasOwn(own, site) ? own[site] : undefined;
}

/** FNV-1a of secret and site, then the finish of MurmurHash3, whose every bit depends on all: nobody is to be withstood but chance. */
export function slotOf({ secret, slots }: { secret: string; slots: readonly unknown[] }, site: string): number {
  let hash = 0x811c9dc5;
  for (const character of `${secret} ${site}`) hash = Math.imul(hash ^ (character.codePointAt(0) ?? 0), 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return Math.floor((((hash ^ (hash >>> 16)) >>> 0) / 2 ** 32) * slots.length);
}

function asExit(value: unknown): PeerLabel | undefined {
  if (value === undefined || value === null) return undefined;
  const peer = asText(value);
  if (!isPeerLabel(peer)) throw new ParseError('not a peer');
  return peer;
}

function asPast(value: unknown): PeerLabel[] {
  const peers = asTexts(value);
  if (peers.length > MAX_PAST || !peers.every(isPeerLabel)) throw new ParseError('not a list of peers');
  return peers;
}

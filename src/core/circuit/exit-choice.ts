// Where the person wants to leave the network: a country, an operator there, or an exit that costs nothing. It holds for one site where the browser tells sites apart, else for all private
// tabs, and only ever narrows what the wishes allow (relay-wishes.ts). Pure; kept in memory alone, since it names sites and says where somebody wants to appear from (cells.ts).

import type { RelayRecord } from '../directory/relay-record.ts';
import { asObject, asOneOf, asText, asTexts, ParseError } from '../state/parse.ts';
import type { Circuit } from './choose-circuit.ts';
import type { SelectionWishes } from './select-circuit.ts';
import { assignExit, exitOfSite, newIdentityFor, type SiteExits } from './site-exits.ts';

/** What holds until the person chooses something else. */
export type LastingChoice =
  | { kind: 'region'; region: string }
  | { kind: 'operator'; region: string; operator: string }
  /** A circuit of which neither relay asks for money. */
  | { kind: 'free' };

/** `fastest`: moves there once, and nothing holds after it. `any`: nothing holds any more, and nothing moves. */
export type ExitChoice = LastingChoice | { kind: 'fastest' } | { kind: 'any' };

export type ExitChoices = {
  /** Where the browser does not tell sites apart. */
  all: LastingChoice | undefined;
  /** By registrable domain, the latest last. */
  sites: Readonly<Record<string, LastingChoice>>;
  /** Sites for which the person ended their choice, or moved once: what a rule says of them (exit-wishes.ts) does not hold meanwhile. The latest last. */
  aside: readonly string[];
  /** What was chosen of late, the latest first. */
  recent: readonly LastingChoice[];
};

export const NO_EXIT_CHOICES: ExitChoices = { all: undefined, sites: {}, aside: [], recent: [] };

/** Each keeps a circuit of its own and some relays in the short list; the one that was chosen longest ago falls back to its slot. */
export const MAX_CHOSEN_SITES = 20;
export const MAX_RECENT = 5;
/** As many as there are countries would be none. */
export const MAX_FAVOURITES = 50;

const REGION = /^[A-Z]{2}$/;
/** As in a descriptor (src/core/directory/descriptor-kinds.ts). */
const OPERATOR = /^[\x21-\x7e]{1,100}$/;

/** Throws `ParseError`. */
export function parseExitChoice(value: unknown): ExitChoice {
  const fields = asObject(value);
  const kind = asOneOf(fields['kind'], ['region', 'operator', 'free', 'fastest', 'any']);
  const names =
    kind === 'region' ? ['kind', 'region'] : kind === 'operator' ? ['kind', 'region', 'operator'] : ['kind'];
  if (!Object.keys(fields).every((name) => names.includes(name))) throw new ParseError('a field too many');
  if (kind === 'region') return { kind, region: asRegion(fields['region']) };
  if (kind !== 'operator') return { kind };
  const operator = asText(fields['operator']);
  if (!OPERATOR.test(operator)) throw new ParseError('not an operator');
  return { kind, region: asRegion(fields['region']), operator };
}

export function isRegion(text: string): boolean {
  return REGION.test(text);
}

/** Throws `ParseError`. */
export function asRegion(value: unknown): string {
  const region = asText(value);
  if (!isRegion(region)) throw new ParseError('not a region');
  return region;
}

/** Throws `ParseError`. */
export function parseFavourites(value: unknown): string[] {
  if (!Array.isArray(value) || value.length > MAX_FAVOURITES) throw new ParseError('not a list, or too long');
  return [...new Set(value.map(asRegion))];
}

/** Throws `ParseError`. */
export function parseExitChoices(value: unknown): ExitChoices {
  const { all, sites, aside = [], recent } = asObject(value);
  const ofSites = Object.entries(asObject(sites)).map(([site, each]) => [site, asLasting(each)] as const);
  if (ofSites.length > MAX_CHOSEN_SITES) throw new ParseError('too many sites');
  const asides = asTexts(aside);
  if (asides.length > MAX_CHOSEN_SITES) throw new ParseError('too many sites');
  if (!Array.isArray(recent) || recent.length > MAX_RECENT) throw new ParseError('not a short list');
  return {
    all: all === undefined ? undefined : asLasting(all),
    sites: Object.fromEntries(ofSites),
    aside: asides,
    recent: recent.map(asLasting),
  };
}

function asLasting(value: unknown): LastingChoice {
  const choice = parseExitChoice(value);
  if (!isLasting(choice)) throw new ParseError('nothing that holds');
  return choice;
}

export function isLasting(choice: ExitChoice): choice is LastingChoice {
  return choice.kind !== 'fastest' && choice.kind !== 'any';
}

export function isSameChoice(one: ExitChoice | undefined, other: ExitChoice | undefined): boolean {
  return JSON.stringify(one && parseExitChoice(one)) === JSON.stringify(other && parseExitChoice(other));
}

/** @param site undefined: for all */
export function choiceFor(choices: ExitChoices, site: string | undefined): LastingChoice | undefined {
  if (site === undefined) return choices.all;
  return Object.hasOwn(choices.sites, site) ? choices.sites[site] : undefined;
}

/** Every choice that holds, each once. */
export function choicesThatHold({ all, sites }: ExitChoices): LastingChoice[] {
  const each = [all, ...Object.values(sites)].filter((choice) => choice !== undefined);
  return each.filter((choice, at) => each.findIndex((other) => isSameChoice(other, choice)) === at);
}

/** @param site undefined: for all. What holds no longer than its click ends what held. */
export function noteChoice(choices: ExitChoices, site: string | undefined, choice: ExitChoice): ExitChoices {
  const lasting = isLasting(choice) ? choice : undefined;
  const recent =
    lasting === undefined
      ? choices.recent
      : [lasting, ...choices.recent.filter((other) => !isSameChoice(other, lasting))].slice(0, MAX_RECENT);
  if (site === undefined) return { ...choices, all: lasting, recent };
  const others = Object.entries(choices.sites).filter(([other]) => other !== site);
  const sites = lasting === undefined ? others : [...others.slice(1 - MAX_CHOSEN_SITES), [site, lasting] as const];
  const aside = choices.aside.filter((other) => other !== site);
  return {
    ...choices,
    sites: Object.fromEntries(sites),
    aside: lasting === undefined ? [...aside.slice(1 - MAX_CHOSEN_SITES), site] : aside,
    recent,
  };
}

/** Nothing is chosen for those sites, and no rule of theirs is left aside. */
export function forgetSites(choices: ExitChoices, sites: readonly string[]): ExitChoices {
  return {
    ...choices,
    sites: Object.fromEntries(Object.entries(choices.sites).filter(([site]) => !sites.includes(site))),
    aside: choices.aside.filter((site) => !sites.includes(site)),
  };
}

/** What is wished and chosen: never more than what is wished. */
export function narrow(wishes: SelectionWishes, choice: LastingChoice): SelectionWishes {
  if (choice.kind === 'free') return { ...wishes, freeOnly: true };
  const isWished = wishes.exitRegions?.has(choice.region) !== false;
  return {
    ...wishes,
    exitRegions: new Set(isWished ? [choice.region] : []),
    ...(choice.kind === 'operator' && { exitOperators: new Set([choice.operator]) }),
  };
}

/** Whether a circuit leads to where the choice says. Of a price that is not known, it is not known to be none. */
export function meetsChoice({ entry, exit }: Circuit, choice: LastingChoice, records: readonly RelayRecord[]): boolean {
  if (choice.kind !== 'free')
    return exit.region === choice.region && (choice.kind === 'region' || exit.operator === choice.operator);
  const of = (peer: string): RelayRecord | undefined => records.find((record) => record.peer === peer);
  return of(entry.peer)?.entry?.pricePerMib === 0 && of(exit.peer)?.exit?.pricePerMib === 0;
}

/** Sites with a choice go by a circuit that meets it, where there is one; the others stay as they are. @param circuits for sites, the best first */
export function placeSites(
  state: SiteExits,
  circuits: readonly Circuit[],
  choices: ExitChoices,
  records: readonly RelayRecord[],
): SiteExits {
  let next = state;
  for (const [site, choice] of Object.entries(choices.sites)) {
    const there = circuits.filter((circuit) => meetsChoice(circuit, choice, records)).map(({ exit }) => exit.peer);
    const now = exitOfSite(next, site);
    if (now !== undefined && there.includes(now)) continue;
    const moved = newIdentityFor(next, site);
    const exit = there.find((peer) => !state.past.includes(peer)) ?? there[0];
    if (exit !== undefined) next = assignExit(moved, site, exit);
  }
  return next;
}

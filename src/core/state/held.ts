// Pages that private tabs wait for: which page, since when, and what its tab is told meanwhile. Pure; background/holding.ts stores it and
// pages/held shows it. A URL in here is one that the worker itself saw a private tab go to: nothing else can put one in.

import { statusWords } from '../circuit/circuit-advice.ts';
import type { CircuitState } from '../circuit/circuit-state.ts';
import { HOLD_MS } from '../circuit/durations.ts';
import { text, type Text } from '../text/text.ts';
import { webHost } from './page.ts';
import { asBoolean, asNumber, asObject, asOneOf, asText, ParseError } from './parse.ts';
import type { Hold } from './tab-status.ts';

export type Held = {
  /** http or https. */
  url: string;
  /** ms since the epoch. */
  since: number;
  /** How many times in a row it went on by itself and was held again. */
  tries: number;
  /** `circuit`: it goes on when there is one. `asking`: whether the circuit or the site failed is being found out. `site`: the site did. */
  why: 'circuit' | 'asking' | 'site';
  /** The page was asked for with something to send, a form for instance: that is not sent again unless the person does. */
  sent: boolean;
};

/** By tab. */
export type HeldPages = Readonly<Record<string, Held>>;

export const NO_HELD_PAGES: HeldPages = {};

/** What the page in the tab shows. Sites are hosts. */
export type HeldView =
  /** Nothing is known of a page that waits: the browser was restarted, for instance. */
  | { is: 'nothing' }
  | { is: 'go'; url: string }
  | { is: 'waiting'; site: string }
  | { is: 'stuck'; site: string; sentence: Text; advice: Text | undefined }
  | { is: 'site-down'; site: string }
  | { is: 'not-sent'; site: string };

/** A page that fails as often, each time on a circuit that stood a check, does not fail for the circuit's sake. */
const MAX_TRIES = 3;

export function holdPage(pages: HeldPages, tab: number, page: Omit<Held, 'tries'>): HeldPages {
  if (webHost(page.url) === undefined) return pages;
  const before = pages[tab];
  // Still the same wait: two events of one failure, or a page that went on and came back.
  const tries = before?.url === page.url ? before.tries : 0;
  return { ...pages, [tab]: { ...page, tries } };
}

export function changeHeld(pages: HeldPages, tab: number, change: Partial<Held>): HeldPages {
  const held = pages[tab];
  return held === undefined ? pages : { ...pages, [tab]: { ...held, ...change } };
}

export function releaseTab(pages: HeldPages, tab: number): HeldPages {
  const { [tab]: held, ...rest } = pages;
  return held === undefined ? pages : rest;
}

export type HeldFacts = { isPrivate: boolean; circuit: CircuitState; hold: Hold; now: number };

export function heldView(held: Held | undefined, { isPrivate, circuit, hold, now }: HeldFacts): HeldView {
  const site = webHost(held?.url);
  if (held === undefined || site === undefined) return { is: 'nothing' };
  if (!isPrivate) return { is: 'go', url: held.url };
  if (hold.is === 'lost') return stuck(site, statusWords({ is: 'blocked', why: hold.why, name: hold.name }));
  if (held.why === 'asking') return { is: 'waiting', site };
  if (circuit.at === 'verified' && hold.is === 'held') {
    if (held.sent) return { is: 'not-sent', site };
    return held.why === 'site' || held.tries >= MAX_TRIES ? { is: 'site-down', site } : { is: 'go', url: held.url };
  }
  if (now - held.since < HOLD_MS) return { is: 'waiting', site };
  if (circuit.at === 'failed') return stuck(site, statusWords({ is: 'blocked', why: circuit.reason, name: undefined }));
  return stuck(site, { sentence: text('held_slow'), advice: undefined });
}

/** Throws `ParseError`. */
export function parseHeldPages(value: unknown): HeldPages {
  return Object.fromEntries(Object.entries(asObject(value)).map(([tab, held]) => [tab, parseHeld(held)]));
}

function parseHeld(value: unknown): Held {
  const fields = asObject(value);
  const url = asText(fields['url']);
  if (webHost(url) === undefined) throw new ParseError('not a web page');
  return {
    url,
    since: asNumber(fields['since']),
    tries: asNumber(fields['tries']),
    why: asOneOf(fields['why'], ['circuit', 'asking', 'site']),
    sent: asBoolean(fields['sent']),
  };
}

function stuck(site: string, { sentence, advice }: { sentence: Text; advice: Text | undefined }): HeldView {
  return { is: 'stuck', site, sentence, advice };
}

// Sites that turn the exit away: what a person is offered help for, instead of guessing why every page of a site is a captcha. Counted per tab
// and kept in memory (the area `session`): it names sites. Pure; events come from background/site-help.ts.

import type { TabId } from '../routing/policy.ts';
import { asNumber, asObject, asTabId, asText, ParseError } from './parse.ts';

/** What the site of a tab did so far. */
export type Refusals = { site: string; times: number };
export type SiteTroubles = Readonly<Record<TabId, Refusals>>;

/** What the popup offers help with: pages that were turned away in a row, or one that does not begin to come. */
export type SiteTrouble = { is: 'refused'; times: number } | { is: 'slow' };

export const NO_TROUBLES: SiteTroubles = {};

/** Of pages, in a row: one may be a login that is missing, or a page that the site keeps to itself. */
export const REFUSALS_FOR_HELP = 3;
/** A page that has not begun to come by then is called slow, ms. Ten seconds is where people give up (Nielsen, 1993). */
export const SLOW_MS = 10_000;
/** More tabs than that do not ask for help at once. */
const MAX_TABS = 1000;
const MAX_TIMES = 1_000_000;

/**
 * Whether an answer for a page turns the visitor away for where he comes from: forbidden, too many requests, or the challenge pages of the two large
 * filters (Cloudflare: https://developers.cloudflare.com/cloudflare-challenges/challenge-types/challenge-pages/detect-response/; AWS WAF: https://docs.aws.amazon.com/waf/latest/developerguide/waf-captcha-and-challenge-how-it-works.html).
 * @param header a header's value, by its name in lower case
 */
export function isRefusal(status: number, header: (name: string) => string | undefined): boolean {
  if (status === 403 || status === 429) return true;
  if (header('cf-mitigated') === 'challenge') return true;
  return ['challenge', 'captcha'].includes(header('x-amzn-waf-action') ?? '');
}

/** A page came for the tab, or the site turned it away. Another site begins anew, and a page that came ends what was counted. */
export function noteAnswer(state: SiteTroubles, tab: TabId, site: string, refused: boolean): SiteTroubles {
  const before = state[tab];
  if (!refused) return before === undefined ? state : forgetTab(state, tab);
  const times = before?.site === site ? before.times + 1 : 1;
  if (before === undefined && Object.keys(state).length >= MAX_TABS) return state;
  return { ...state, [tab]: { site, times: Math.min(times, MAX_TIMES) } };
}

/** The tab is gone, or begins anew with another exit. */
export function forgetTab(state: SiteTroubles, tab: TabId): SiteTroubles {
  if (state[tab] === undefined) return state;
  const { [tab]: _, ...rest } = state;
  return rest;
}

/** How many times in a row the site turned the tab away; undefined where there is nothing to help with. */
export function refusalsOf(state: SiteTroubles, tab: TabId, site: string | undefined): number | undefined {
  const found = state[tab];
  return found !== undefined && found.site === site && found.times >= REFUSALS_FOR_HELP ? found.times : undefined;
}

/** Throws `ParseError`. */
export function parseSiteTroubles(value: unknown): SiteTroubles {
  const entries = Object.entries(asObject(value));
  if (entries.length > MAX_TABS) throw new ParseError('too many tabs');
  return Object.fromEntries(
    entries.map(([tab, each]) => {
      const { site, times } = asObject(each);
      const count = asNumber(times);
      if (!Number.isSafeInteger(count) || count < 1 || count > MAX_TIMES) throw new ParseError('not a count');
      return [asTabId(Number(tab)), { site: asText(site), times: count }];
    }),
  );
}

// The person's list of sites that are always private, or never: what they type as a rule, and the list as it changes. What a rule does to a page is decided by
// src/core/routing/site-rule.ts. Pure; background/site-rules.ts keeps the list.

import { isRegion } from '../circuit/exit-choice.ts';
import { parseHost } from '../routing/host.ts';
import { isCheckHost, isLocalHost } from '../routing/local-hosts.ts';
import { siteOfHost } from '../routing/site-of-host.ts';
import { ruleOf, SITE_MODES, type SiteMode, type SiteRule } from '../routing/site-rule.ts';
import { webHost } from './page.ts';
import { asObject, asOneOf, asText, ParseError } from './parse.ts';
import { SiteError } from './site-error.ts';

/** More than anybody keeps by hand. Chrome takes rules over some thousands of domains, and each of ours may need two. */
export const MAX_SITE_RULES = 500;

/** Each has an exit of its own name in memory (src/core/circuit/site-exits.ts), which keeps 200 of them. */
export const MAX_EXIT_RULES = 100;

/** What the address bar of a browser takes in practice; a name has 253 characters at most. */
const MAX_TYPED = 2048;
const MAX_NAME = 253;

const SCHEME = /^([a-z][a-z0-9+.-]*):\/\//i;
/** IPv6 without its brackets, as people copy it. */
const BARE_IPV6 = /^[0-9a-f]*:[0-9a-f:]*:[0-9a-f:.]*$/i;

export type TypedSite = {
  /** Canonical. */
  host: string;
  /** More was typed than counts: a scheme, a path, a port, `*.`. */
  isShortened: boolean;
  /** Other letters were typed than the name is kept in: `bücher.example`. */
  isSpelt: boolean;
};

/** Reads what a person types as a site. Throws `SiteError`. */
export function parseTypedSite(typed: string): TypedSite {
  const text = typed.trim();
  if (text === '') throw new SiteError('site-empty');
  if (text.length > MAX_TYPED) throw new SiteError('site-long');
  if (/[\s\\]/u.test(text)) throw new SiteError('site-bad');
  const scheme = SCHEME.exec(text);
  if (scheme !== null && !/^https?$/i.test(scheme[1] ?? '')) throw new SiteError('site-bad');
  const rest = text.slice(scheme?.[0].length ?? 0);
  const name = rest.replace(/^\*\./, '');
  if (name.includes('*')) throw new SiteError('site-wildcard');
  const host = hostOf(BARE_IPV6.test(name) ? `[${name}]` : name);
  if (rest !== name && parseHost(host)?.kind !== 'name') throw new SiteError('site-wildcard');
  assertSite(host);
  const start = name.split(/[/?#]/)[0] ?? '';
  const bare = start.replace(/:\d*$/, '');
  return { host, isShortened: text !== bare && !BARE_IPV6.test(text), isSpelt: !/^[ -~]*$/.test(start) };
}

/** The name as URLs write it, without the final dot. */
function hostOf(name: string): string {
  const authority = name.split(/[/?#]/)[0] ?? '';
  // A name before an @ is how addresses are made to look like others.
  if (authority === '' || authority.includes('@')) throw new SiteError('site-bad');
  if (authority.length > MAX_TYPED / 2) throw new SiteError('site-long');
  const url = `https://${authority}/`;
  if (!URL.canParse(url)) throw new SiteError('site-bad');
  const { hostname } = new URL(url);
  const host = hostname.replace(/\.$/, '');
  if (host.length > MAX_NAME) throw new SiteError('site-long');
  if (parseHost(host) === undefined) throw new SiteError('site-bad');
  return host;
}

/** Throws `SiteError` for what is no site of anybody's. */
function assertSite(host: string): void {
  const parsed = parseHost(host);
  if (parsed === undefined) throw new SiteError('site-bad');
  if (isLocalHost(parsed) && (parsed.kind !== 'name' || host.includes('.') || host === 'localhost')) {
    throw new SiteError('site-local');
  }
  if (isCheckHost(parsed)) throw new SiteError('site-local');
  if (parsed.kind === 'name' && isSuffix(host)) throw new SiteError('site-suffix');
}

/** As far as site-of-host.ts knows: what is one label longer is a site of its own. */
function isSuffix(host: string): boolean {
  const below = `x.${host}`;
  return parseHost(below) !== undefined && siteOfHost(below) === below;
}

/** The site that a rule would be for whose page is on that host; undefined for what can have none. */
export function siteForRule(host: string | undefined): string | undefined {
  try {
    return host === undefined ? undefined : parseTypedSite(siteOfHost(host)).host;
  } catch (error) {
    if (error instanceof SiteError) return undefined;
    throw error;
  }
}

/**
 * A rule in the one form in which it is kept. Throws `SiteError` where its country is none, or where it can have none.
 * @param exit undefined: any country
 */
export function toSiteRule(host: string, mode: SiteMode, exit: unknown): SiteRule {
  if (exit === undefined && mode !== 'exit') return { host, mode };
  if (mode === 'never') throw new SiteError('site-exit-never');
  if (typeof exit !== 'string' || !isRegion(exit)) throw new SiteError('site-exit');
  if (!isWholeSite(host)) throw new SiteError('site-exit-part');
  return { host, mode, exit };
}

/** Whether a rule for that host can have a country. */
export function isWholeSite(host: string): boolean {
  return siteOfHost(host) === host;
}

/** The list with the rule in it, in the place of one for the same host. Throws `SiteError` (`sites-full`, `sites-exits-full`). */
export function withRule(rules: readonly SiteRule[], rule: SiteRule): SiteRule[] {
  return bounded([...withoutRule(rules, rule.host), rule]);
}

/** The site of that host is always private from now on; a country that it has stays. Throws `SiteError`. */
export function withAlways(rules: readonly SiteRule[], host: string): SiteRule[] {
  const exit = rules.find((rule) => rule.host === host)?.exit;
  return withRule(rules, toSiteRule(host, 'always', exit));
}

export function withoutRule(rules: readonly SiteRule[], host: string): SiteRule[] {
  return rules.filter((rule) => rule.host !== host);
}

export type Merge = { rules: SiteRule[]; added: SiteRule[]; changed: SiteRule[]; same: number };

/** What an import makes of the list: no rule goes. Throws `SiteError` (`sites-full`, `sites-exits-full`). */
export function merge(rules: readonly SiteRule[], more: readonly SiteRule[]): Merge {
  const known = new Map(rules.map((rule) => [rule.host, rule]));
  const added = more.filter(({ host }) => !known.has(host));
  const changed = more.filter((rule) => {
    const before = known.get(rule.host);
    return before !== undefined && (before.mode !== rule.mode || before.exit !== rule.exit);
  });
  for (const rule of more) known.set(rule.host, rule);
  return { rules: bounded([...known.values()]), added, changed, same: more.length - added.length - changed.length };
}

/** Reads a stored list, or one of a message. Throws `ParseError`. */
export function parseSiteRules(value: unknown): SiteRule[] {
  if (!Array.isArray(value) || value.length > MAX_SITE_RULES) throw new ParseError('not a list of rules');
  const rules = value.map(parseSiteRule);
  if (new Set(rules.map(({ host }) => host)).size < rules.length) throw new ParseError('two rules for one site');
  if (countExits(rules) > MAX_EXIT_RULES) throw new ParseError('too many countries');
  return sorted(rules);
}

/** Of a version before there is no `exit`: any country. */
function parseSiteRule(value: unknown): SiteRule {
  const fields = asObject(value);
  const [host, mode] = [asSiteHost(fields['host']), asOneOf(fields['mode'], SITE_MODES)];
  try {
    return toSiteRule(host, mode, fields['exit']);
  } catch (error) {
    if (error instanceof SiteError) throw new ParseError('not the country of a rule');
    throw error;
  }
}

/** A host in the one form in which it is kept. Throws `ParseError`. */
export function asSiteHost(value: unknown): string {
  const host = asText(value);
  try {
    if (parseTypedSite(host).host === host) return host;
  } catch (error) {
    if (!(error instanceof SiteError)) throw error;
  }
  throw new ParseError('not the host of a site');
}

/** For whatever makes tabs private by itself: not where the person said never. */
export function mayBecomePrivate(rules: readonly SiteRule[], url: string | undefined): boolean {
  return ruleOf(rules, webHost(url))?.mode !== 'never';
}

/** Throws `SiteError`. */
function bounded(rules: readonly SiteRule[]): SiteRule[] {
  if (rules.length > MAX_SITE_RULES) throw new SiteError('sites-full');
  if (countExits(rules) > MAX_EXIT_RULES) throw new SiteError('sites-exits-full');
  return sorted(rules);
}

function countExits(rules: readonly SiteRule[]): number {
  return rules.filter(({ exit }) => exit !== undefined).length;
}

/** Equal lists are equal values. */
function sorted(rules: readonly SiteRule[]): SiteRule[] {
  const order = (a: string, b: string): number => (a < b ? -1 : Number(a > b));
  return rules.map(({ host, mode, exit }) => toSiteRule(host, mode, exit)).sort((a, b) => order(a.host, b.host));
}

export type { SiteMode, SiteRule };

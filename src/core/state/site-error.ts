// What can be wrong with a rule for a site, or with a file of rules: named, with one line of words for each. No host is in an error.

import { text, type Text } from '../text/text.ts';

export const SITE_ERRORS = [
  /** Nothing was typed. */
  'site-empty',
  /** Longer than any name. */
  'site-long',
  /** No name or address of a web site. */
  'site-bad',
  /** A `*` that is not before the first dot, or before an address. */
  'site-wildcard',
  /** `com`, `co.uk`: no site of anybody's. */
  'site-suffix',
  /** Of this device or its own network, which relays do not reach. */
  'site-local',
  /** No country, where the rule is for nothing else; or what is no code of one. */
  'site-exit',
  /** A country for a part of a site: all of a site leaves by one exit. */
  'site-exit-part',
  /** A country for a site that is never private. */
  'site-exit-never',
  /** There are `MAX_EXIT_RULES`. */
  'sites-exits-full',
  /** There are `MAX_SITE_RULES`. */
  'sites-full',
  /** The person said that this site is never private. */
  'site-never-private',
] as const;
export type SiteErrorCode = (typeof SITE_ERRORS)[number];

export class SiteError extends Error {
  override readonly name = 'SiteError';
  readonly code: SiteErrorCode;

  constructor(code: SiteErrorCode) {
    super(`a rule for a site was refused: ${code}`);
    this.code = code;
  }
}

const WORDS: Readonly<Record<SiteErrorCode, Text>> = {
  'site-empty': text('sites_error_empty'),
  'site-long': text('sites_error_long'),
  'site-bad': text('sites_error_bad'),
  'site-wildcard': text('sites_error_wildcard'),
  'site-suffix': text('sites_error_suffix'),
  'site-local': text('sites_error_local'),
  'site-exit': text('sites_error_exit'),
  'site-exit-part': text('sites_error_exit_part'),
  'site-exit-never': text('sites_error_exit_never'),
  'sites-exits-full': text('sites_error_exits_full'),
  'sites-full': text('sites_error_full'),
  'site-never-private': text('sites_error_never'),
};

export function siteErrorWords(code: SiteErrorCode): Text {
  return WORDS[code];
}

export function isSiteErrorCode(code: string): code is SiteErrorCode {
  return SITE_ERRORS.some((known) => known === code);
}

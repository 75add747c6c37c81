// The file of rules for sites (docs/protocol/site-rules.schema.json), out and in. A file may come from anywhere: it is read whole or not at all, and what is
// wrong with it has a name. Pure.

import { SITE_MODES, type SiteRule } from '../routing/site-rule.ts';
import { asObject, asOneOf, asText, ParseError } from './parse.ts';
import { SiteError, type SiteErrorCode } from './site-error.ts';
import { MAX_EXIT_RULES, MAX_SITE_RULES, parseTypedSite, toSiteRule } from './site-rules.ts';

/** Bytes, and characters too. 500 rules have 50 kB at most; what is larger than this is not even read. */
export const MAX_SITES_FILE = 1_000_000;

const FORMAT = 'conet-sites';
const VERSION = 1;

export type SitesFileErrorCode =
  | 'empty'
  | 'large'
  /** No JSON. */
  | 'json'
  /** JSON of another program, or for another purpose. */
  | 'other'
  /** Of a later version of this extension. */
  | 'newer'
  | 'many'
  /** More rules with a country than can be kept. */
  | 'exits'
  /** A rule that is none. */
  | 'rule'
  /** A second rule for a site. */
  | 'twice';

export class SitesFileError extends Error {
  override readonly name = 'SitesFileError';
  readonly code: SitesFileErrorCode;
  /** Which rule, counted from 1. */
  readonly at: number | undefined;
  /** What is wrong with its site. */
  readonly why: SiteErrorCode | undefined;

  constructor(code: SitesFileErrorCode, at?: number, why?: SiteErrorCode) {
    super(`a file of rules for sites was refused: ${code}`);
    this.code = code;
    this.at = at;
    this.why = why;
  }
}

export function writeSitesFile(rules: readonly SiteRule[]): string {
  const file = { format: FORMAT, version: VERSION, rules: rules.map(({ host, ...rest }) => ({ site: host, ...rest })) };
  return `${JSON.stringify(file, null, 2)}\n`;
}

/** Throws `SitesFileError`. */
export function readSitesFile(text: string): SiteRule[] {
  if (text.length > MAX_SITES_FILE) throw new SitesFileError('large');
  // Editors put a mark of their own before the first character.
  const json = text.replace(/^\uFEFF/, '').trim();
  if (json === '') throw new SitesFileError('empty');
  const { format, version, rules } = fieldsOf(parseJson(json));
  if (format !== FORMAT) throw new SitesFileError('other');
  if (typeof version === 'number' && version > VERSION) throw new SitesFileError('newer');
  if (version !== VERSION || !Array.isArray(rules)) throw new SitesFileError('other');
  if (rules.length > MAX_SITE_RULES) throw new SitesFileError('many');
  const seen = new Set<string>();
  const read = rules.map((value: unknown, index) => {
    const rule = readRule(value, index + 1);
    if (seen.has(rule.host)) throw new SitesFileError('twice', index + 1);
    seen.add(rule.host);
    return rule;
  });
  if (read.filter(({ exit }) => exit !== undefined).length > MAX_EXIT_RULES) throw new SitesFileError('exits');
  return read;
}

function parseJson(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    throw new SitesFileError('json');
  }
}

function fieldsOf(value: unknown): Record<string, unknown> {
  try {
    return asObject(value);
  } catch {
    throw new SitesFileError('other');
  }
}

/** A person may have written it by hand: what they may type they may write. */
function readRule(value: unknown, at: number): SiteRule {
  try {
    const fields = asObject(value);
    const { host } = parseTypedSite(asText(fields['site']));
    return toSiteRule(host, asOneOf(fields['mode'], SITE_MODES), fields['exit']);
  } catch (error) {
    if (error instanceof SiteError) throw new SitesFileError('rule', at, error.code);
    if (error instanceof ParseError) throw new SitesFileError('rule', at);
    throw error;
  }
}

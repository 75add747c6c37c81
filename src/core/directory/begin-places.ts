// Places to begin that the person named: addresses of relays, names with DNSADDR records, and whom to ask about the names. Stored, and sent by the popup.

import { asObject, asText, asTexts, ParseError } from '../state/parse.ts';
import { parseHost } from '../routing/host.ts';
import { formatBeginAddress, parseBeginAddress } from './begin-address.ts';
import { BeginError } from './begin-error.ts';
import { parseDnsaddrName } from './dnsaddr.ts';

export type BeginPlaces = {
  /** In the form of `formatBeginAddress`. */
  addresses: readonly string[];
  names: readonly string[];
  /** DNS over HTTPS: a browser gives an extension no other way to TXT records. Of nobody's choice but the person's. */
  resolver: string | undefined;
};

export const NO_BEGIN_PLACES: BeginPlaces = { addresses: [], names: [], resolver: undefined };

/** More than a person types, and few enough to be tried one after another. */
export const MAX_BEGIN_ADDRESSES = 16;
export const MAX_BEGIN_NAMES = 8;
const MAX_RESOLVER_CHARACTERS = 512;

/** Each once, in its one spelling. Throws `BeginError`, and `ParseError` for what has not the form. */
export function parseBeginPlaces(value: unknown): BeginPlaces {
  const { addresses, names, resolver } = asObject(value);
  return {
    addresses: each(addresses, MAX_BEGIN_ADDRESSES, (text) => formatBeginAddress(parseBeginAddress(text))),
    names: each(names, MAX_BEGIN_NAMES, parseDnsaddrName),
    resolver: resolver === undefined ? undefined : parseResolver(asText(resolver)),
  };
}

/**
 * An https URL with a name in it: the worker asks past its proxy, and pages are kept from whom it asks by name (src/core/routing/direct-hosts.ts), which cannot be done for an address. Throws
 * `BeginError`.
 */
export function parseResolver(text: string): string {
  if (text.length > MAX_RESOLVER_CHARACTERS) throw new BeginError('begin-too-long');
  if (!URL.canParse(text)) throw new BeginError('begin-not-a-resolver');
  const { protocol, hostname, username, password, hash, href } = new URL(text);
  const host = parseHost(hostname);
  const isNamed = host?.kind === 'name' && host.name === hostname && !host.rooted;
  if (protocol !== 'https:' || !isNamed || username !== '' || password !== '' || hash !== '')
    throw new BeginError('begin-not-a-resolver');
  return href;
}

function each(value: unknown, most: number, parse: (text: string) => string): string[] {
  if (!Array.isArray(value)) throw new ParseError('not a list');
  if (value.length > most) throw new BeginError('begin-too-many');
  return [...new Set(asTexts(value).map(parse))];
}

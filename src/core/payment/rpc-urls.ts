// Addresses of the chain's servers, as the person may set them. In clear only on this machine: whoever is on the way could change a balance.

import { asTexts, ParseError } from '../state/parse.ts';

/** Two are compared; more would be asked in vain. */
const MAX_RPCS = 2;
/** Access tokens are in the path of some. */
const MAX_CHARACTERS = 512;

const LOOPBACK = ['127.0.0.1', '[::1]', 'localhost'];

/** At most two, each once. Empty: those of the network's table again. Throws `ParseError`. */
export function parseRpcUrls(value: unknown): string[] {
  const urls = asTexts(value).map(asRpcUrl);
  if (urls.length > MAX_RPCS || new Set(urls).size !== urls.length) throw new ParseError('not one or two servers');
  return urls;
}

function asRpcUrl(text: string): string {
  if (text.length > MAX_CHARACTERS || !URL.canParse(text)) throw new ParseError('not a URL');
  const { protocol, hostname, username, password, href } = new URL(text);
  const isSafe = protocol === 'https:' || (protocol === 'http:' && LOOPBACK.includes(hostname));
  if (!isSafe || username !== '' || password !== '') throw new ParseError('not a URL of a server');
  return href;
}

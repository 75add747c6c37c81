// What a person types after the keyword in the address bar, as the URL of a web page.

import { webHost } from './page.ts';

/** As Chrome limits what its address bar takes to a page (url::kMaxURLChars is 2 MB); what a person types is shorter. */
const MAX_LENGTH = 2048;

/** A name with a dot, or an address in brackets; with a port, a path and what follows. */
const WITHOUT_SCHEME = /^(?:[^\s/?#@:[\]\\]+\.[^\s/?#@:[\]\\]+|\[[\da-f:.]+\])(?::\d{1,5})?(?:[/?#]\S*)?$/iu;

/**
 * Undefined for words to look up, and for all that is no web page: nothing is sent to a search engine that the person did not choose, and nothing is run. Without a scheme it is https.
 */
export function typedAddress(text: string): string | undefined {
  const typed = text.trim();
  if (typed.length > MAX_LENGTH) return undefined;
  const url = /^https?:\/\//i.test(typed) ? typed : WITHOUT_SCHEME.test(typed) ? `https://${typed}` : undefined;
  if (url === undefined || /\s/.test(url) || webHost(url) === undefined) return undefined;
  const { username, password, href } = new URL(url);
  // A name before an @ is how addresses are made to look like others.
  return username === '' && password === '' ? href : undefined;
}

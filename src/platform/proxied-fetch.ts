// A fetch through the browser's own proxy path, which says where it can why there was no answer. What `fetch` throws says nothing; webRequest says a little more, in the browser's own words.

import { ProxyCertificateError, type ProxiedFetch } from '../ports/host.ts';
import { browser } from './browser.ts';

/** A check's answer has under 300 characters. */
const MAX_JSON_CHARACTERS = 4096;
/** Names of the check (src/core/circuit/circuit-check.ts); nobody else can ask for them. */
const CHECKS = ['http://circuit.conet.internal/*', 'http://*.circuit.conet.internal/*'];
/** The word comes in the same turn as the failure, or in the next ones. */
const WORD_MS = 200;
/** Of failures that nobody asked after. */
const MAX_WORDS = 20;

/**
 * Chrome: one code for whatever is wrong with the certificate of an HTTPS proxy. Firefox: NSS's own text in the language of the browser; in English one of a certificate names it, and one of an alert that the
 * other end sent begins with "SSL peer". In another language it is not told apart from a proxy that cannot be reached, which fails closed as well. Measured on Chromium 156 and Firefox ESR 153.
 */
const CHROME_WORD = 'net::ERR_PROXY_CERTIFICATE_INVALID';
const isOfCertificate = (word: string): boolean =>
  word === CHROME_WORD || (/\bcertificate\b/i.test(word) && !/^SSL peer/i.test(word));

export function createProxiedFetch(): ProxiedFetch {
  const words = new Map<string, string>();
  const waiting = new Map<string, (word: string) => void>();

  browser.webRequest.onErrorOccurred.addListener(
    ({ url, error }) => {
      waiting.get(url)?.(error);
      words.set(url, error);
      const [oldest] = words.keys();
      if (words.size > MAX_WORDS && oldest !== undefined) words.delete(oldest);
    },
    { urls: CHECKS },
  );

  const wordOf = async (url: string): Promise<string> => {
    const known = words.get(url);
    if (known !== undefined) return known;
    const { promise, resolve } = Promise.withResolvers<string>();
    waiting.set(url, resolve);
    const late = setTimeout(() => resolve(''), WORD_MS);
    const word = await promise;
    clearTimeout(late);
    waiting.delete(url);
    return word;
  };

  return {
    json: async (url, { signal }) => {
      let response: Response;
      try {
        response = await fetch(url, { signal, cache: 'no-store', credentials: 'omit', redirect: 'error' });
      } catch (cause) {
        if (!signal.aborted && isOfCertificate(await wordOf(url)))
          throw new ProxyCertificateError('the proxy does not hold the certificate of its name', { cause });
        throw cause;
      }
      if (!response.ok) throw new Error(`the answer has status ${response.status}`);
      return JSON.parse(await readText(response)) as unknown;
    },
  };
}

async function readText({ body }: Response): Promise<string> {
  const reader = body?.pipeThrough(new TextDecoderStream()).getReader();
  let text = '';
  for (let part = await reader?.read(); part?.done === false; part = await reader?.read()) {
    text += part.value;
    if (text.length > MAX_JSON_CHARACTERS) {
      await reader?.cancel();
      throw new Error('the answer is too long');
    }
  }
  return text;
}

// DNS over HTTPS (RFC 8484), for names at which the person says that there are places to begin. The worker's own request: without cookies, cache, referrer or redirects, and of bounded size.

import type { NameQueries } from '../ports/host.ts';

const DNS_MESSAGE = 'application/dns-message';
/** A DNS message has no more (RFC 1035 §4.2.2). */
const MAX_BYTES = 65_535;

export function createNameQueries(fetch: (url: string, init: RequestInit) => Promise<Response>): NameQueries {
  return {
    ask: async (url, query, { signal }) => {
      const response = await fetch(url, {
        ...{
          method: 'POST',
          body: Uint8Array.from(query),
          headers: { accept: DNS_MESSAGE, 'content-type': DNS_MESSAGE },
        },
        ...{ signal, cache: 'no-store', credentials: 'omit', redirect: 'error', referrerPolicy: 'no-referrer' },
      });
      if (!response.ok) throw new Error(`the answer has status ${response.status}`);
      if (response.headers.get('content-type')?.split(';')[0]?.trim().toLowerCase() !== DNS_MESSAGE)
        throw new Error('the answer is no DNS message');
      return readBytes(response);
    },
  };
}

async function readBytes({ body }: Response): Promise<Uint8Array> {
  const bytes = new Uint8Array(MAX_BYTES);
  let length = 0;
  const reader = body?.getReader();
  for (let part = await reader?.read(); part?.done === false; part = await reader?.read()) {
    if (length + part.value.length > MAX_BYTES) {
      await reader?.cancel();
      throw new Error('the answer is too long');
    }
    bytes.set(part.value, length);
    length += part.value.length;
  }
  return bytes.subarray(0, length);
}

// Bytes through the browser's own network stack, timed: for the speed test. What comes is dropped as it comes. Built in background/main.ts.

import { TransferError, type Transfers } from '../ports/transfers.ts';

const PLAIN: RequestInit = { cache: 'no-store', credentials: 'omit', redirect: 'error' };
/** What one call of `getRandomValues` gives (Web Cryptography §10.1.1). */
const RANDOM_BYTES = 65_536;

export const transfers: Transfers = {
  async down(url, { until, cancel, onBytes }) {
    const response = await fetch(url, { ...PLAIN, signal: AbortSignal.any([until, cancel]) });
    if (!response.ok) throw new TransferError(response.status);
    const reader = response.body?.getReader();
    let [bytes, first, last] = [0, 0, 0];
    try {
      for (let part = await reader?.read(); part?.done === false; part = await reader?.read()) {
        last = performance.now();
        // What came with the head was on its way before the clock ran.
        if (first === 0) first = last;
        else bytes += part.value.length;
        onBytes(part.value.length);
      }
    } catch (error) {
      if (!until.aborted || cancel.aborted || bytes === 0) throw error;
    }
    return { bytes, ms: last - first };
  },

  async up(url, bytes, { signal }) {
    const content = randomContent(bytes);
    const begun = performance.now();
    const response = await fetch(url, { ...PLAIN, signal, method: 'POST', body: content });
    await response.arrayBuffer();
    if (!response.ok) throw new TransferError(response.status);
    return { ms: performance.now() - begun };
  },
};

/** Nobody on the way can make fewer bytes of it. */
function randomContent(bytes: number): Uint8Array<ArrayBuffer> {
  const content = new Uint8Array(bytes);
  for (let at = 0; at < bytes; at += RANDOM_BYTES) crypto.getRandomValues(content.subarray(at, at + RANDOM_BYTES));
  return content;
}

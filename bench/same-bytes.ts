// An answer that costs next to nothing: the same 256 KiB again and again, as fast as they are taken.

import type { ServerResponse } from 'node:http';

const CHUNK = Buffer.alloc(256 * 1024, 'conet');

/** Ends the answer after so many bytes. */
export function sendSameBytes(response: ServerResponse, left: number): void {
  while (left > 0) {
    const piece = left < CHUNK.length ? CHUNK.subarray(0, left) : CHUNK;
    left -= piece.length;
    if (!response.write(piece) && left > 0) {
      response.once('drain', () => sendSameBytes(response, left));
      return;
    }
  }
  response.end();
}

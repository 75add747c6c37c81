// The download of the demo sites: as many bytes as asked for, the same every time, so that any client can check what arrived.

import { createCipheriv, createHash } from 'node:crypto';
import { Readable } from 'node:stream';

export const DEFAULT_DOWNLOAD_BYTES = 1_000_000;
/** Enough for the benchmark's 300 MB with room. */
export const MAX_DOWNLOAD_BYTES = 1_000_000_000;

const CHUNK_BYTES = 64 * 1024;

/** Bytes 0 to `size` of the key stream of AES-128-CTR with an all-zero key and counter (NIST SP 800-38A §6.5). */
export function downloadBytes(size: number): Readable {
  return Readable.from(chunks(size), { objectMode: false });
}

/** SHA-256 of `downloadBytes(size)` in lower-case hexadecimal. */
export function downloadSha256(size: number): string {
  const hash = createHash('sha256');
  for (const chunk of chunks(size)) hash.update(chunk);
  return hash.digest('hex');
}

function* chunks(size: number): Generator<Buffer> {
  const cipher = createCipheriv('aes-128-ctr', Buffer.alloc(16), Buffer.alloc(16));
  for (let left = size; left > 0; left -= CHUNK_BYTES) yield cipher.update(Buffer.alloc(Math.min(left, CHUNK_BYTES)));
}

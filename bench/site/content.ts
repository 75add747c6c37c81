// Bytes of which no two pieces are alike, the same in every run: what is lost, doubled or in another order changes their hash.

import { createCipheriv, createHash } from 'node:crypto';
import { Readable } from 'node:stream';

const PIECE = Buffer.alloc(256 * 1024);

export function* randomPieces(bytes: number): Generator<Buffer> {
  const stream = createCipheriv('aes-128-ctr', Buffer.alloc(16, 'conet bench key'), Buffer.alloc(16));
  for (let left = bytes; left > 0; left -= PIECE.length)
    yield stream.update(left < PIECE.length ? PIECE.subarray(0, left) : PIECE);
}

export function randomStream(bytes: number): Readable {
  return Readable.from(randomPieces(bytes), { objectMode: false });
}

/** Hex. */
export function randomSha256(bytes: number): string {
  const digest = createHash('sha256');
  for (const piece of randomPieces(bytes)) digest.update(piece);
  return digest.digest('hex');
}

// The frames of a data connection (docs/protocol/data.md §3): a header of four bytes, of which the first says what the other three count, and for bytes these bytes.

import { MAX_FRAME } from '../net/bridge.ts';

export const HEADER_LENGTH = 4;

/** What a header says. `bytes` of length 0 is the end of the half; `came` answers how many bytes of the other half have arrived since the last one. */
export const FRAME_KIND = { bytes: 0, came: 1 } as const;
const COUNT_BITS = 24;

/** Why a tunnel was cut. It goes no further than libp2p's own trace, and holds no address. */
export class DataStreamError extends Error {
  override readonly name = 'DataStreamError';
}

/** @param count below 2^24 */
export function writeHeader(kind: keyof typeof FRAME_KIND, count: number): Buffer {
  const header = Buffer.allocUnsafe(HEADER_LENGTH);
  header.writeUInt32BE(FRAME_KIND[kind] * 2 ** COUNT_BITS + count);
  return header;
}

export type FrameListener = {
  /** A piece of a frame, in order; a view of what was pushed. */
  bytes(piece: Buffer): void;
  /** May throw `DataStreamError`. */
  came(bytes: number): void;
  end(): void;
};

/** One reader for one direction of one connection. After an error it must not be fed again. */
export class FrameReader {
  readonly #listener: FrameListener;
  readonly #header = Buffer.alloc(HEADER_LENGTH);
  #filled = 0;
  /** Of the frame that is being read. */
  #left = 0;
  #ended = false;

  constructor(listener: FrameListener) {
    this.#listener = listener;
  }

  /** In pieces of any size. Throws `DataStreamError`. */
  push(bytes: Buffer): void {
    let at = 0;
    while (at < bytes.length) {
      if (this.#left > 0) {
        const piece = bytes.subarray(at, at + this.#left);
        this.#left -= piece.length;
        at += piece.length;
        this.#listener.bytes(piece);
        continue;
      }
      const taken = bytes.copy(this.#header, this.#filled, at);
      this.#filled += taken;
      at += taken;
      if (this.#filled < HEADER_LENGTH) return;
      this.#filled = 0;
      this.#begin(this.#header.readUInt8(0), this.#header.readUIntBE(1, HEADER_LENGTH - 1));
    }
  }

  #begin(kind: number, count: number): void {
    if (kind === FRAME_KIND.came) {
      this.#listener.came(count);
      return;
    }
    if (kind !== FRAME_KIND.bytes) throw new DataStreamError('a frame of no kind');
    if (this.#ended) throw new DataStreamError('bytes after the end of a half');
    if (count > MAX_FRAME) throw new DataStreamError('a frame is too long');
    this.#left = count;
    if (count > 0) return;
    this.#ended = true;
    this.#listener.end();
  }
}

// Messages on a stream: each with its length before it, as a varint (libp2p's length-prefixed form). A length over the limit is refused when
// it is read, before anything is allocated or waited for. Used by both ends of `/conet/session/1.0.0` and `/conet/transit/1.0.0`.

import { encodeVarint, readVarint } from './protobuf.ts';
import { WireError } from './wire-error.ts';

/** Our longest message has about 700 bytes; this leaves room for fields of later versions and is little to hold for each peer. */
export const MAX_FRAME_BYTES = 64 * 1024;

/** A varint of the limit has three bytes; a fourth is a longer one, or a length that is spelt too long. */
const MAX_PREFIX_BYTES = encodeVarint(BigInt(MAX_FRAME_BYTES)).length;

/** Throws `WireError` `too-large`, or `malformed` for an empty message. */
export function encodeFrame(message: Uint8Array): Uint8Array<ArrayBuffer> {
  checkLength(message.length);
  const prefix = encodeVarint(BigInt(message.length));
  const frame = new Uint8Array(prefix.length + message.length);
  frame.set(prefix);
  frame.set(message, prefix.length);
  return frame;
}

/** One reader for one direction of one stream. After an error it must not be fed again: nothing tells where the next frame starts. */
export class FrameReader {
  readonly #prefix: number[] = [];
  #frame: Uint8Array | undefined;
  #filled = 0;

  /** Takes the next bytes, in pieces of any size; returns the messages that are whole, in order. Throws `WireError`. */
  push(chunk: Uint8Array): Uint8Array[] {
    const whole: Uint8Array[] = [];
    let at = 0;
    while (at < chunk.length) {
      if (this.#frame === undefined) {
        this.#pushPrefix(chunk[at] ?? 0);
        at += 1;
        continue;
      }
      const part = chunk.subarray(at, at + this.#frame.length - this.#filled);
      this.#frame.set(part, this.#filled);
      this.#filled += part.length;
      at += part.length;
      if (this.#filled < this.#frame.length) continue;
      whole.push(this.#frame);
      this.#frame = undefined;
    }
    return whole;
  }

  /** The stream has ended. Throws `WireError` `truncated` where it did so inside of a frame. */
  end(): void {
    if (this.#prefix.length > 0 || this.#frame !== undefined) {
      throw new WireError('truncated', 'the stream ended inside of a message');
    }
  }

  #pushPrefix(byte: number): void {
    this.#prefix.push(byte);
    if (byte >= 0x80) {
      if (this.#prefix.length >= MAX_PREFIX_BYTES) throw new WireError('too-large', 'a message is longer than 64 KiB');
      return;
    }
    const length = Number(readVarint(Uint8Array.from(this.#prefix), 0).value);
    checkLength(length);
    this.#prefix.length = 0;
    this.#frame = new Uint8Array(length);
    this.#filled = 0;
  }
}

function checkLength(length: number): void {
  if (length > MAX_FRAME_BYTES) throw new WireError('too-large', 'a message is longer than 64 KiB');
  // An empty message has no body; a stream of them would cost nothing to send.
  if (length === 0) throw new WireError('malformed', 'an empty message');
}

// How sockets of tunnels are read: up to 256 KiB at once, where Node reads 64, into one buffer that all of them share. What came is copied out of
// it, as much as there is; a tunnel that is quiet holds nothing. For sockets that this process connects: Node offers it for no others.

import type { OnReadOpts, Socket } from 'node:net';

const SHARED = Buffer.allocUnsafeSlow(256 * 1024);

/** Room for the header of a frame before what was read, in the same memory: then both are one piece, which TLS need not copy into one first (relay/data/data-stream.ts). */
const HEADROOM = 4;
/** Node takes less than that from a pool, which has no room to give. */
const LEAST_WITH_ROOM = 16 * 1024;
const withRoom = new WeakSet<ArrayBufferLike>();

/** An option of `net.connect`. The socket behaves as any other. */
export const BIG_READS: OnReadOpts = {
  buffer: SHARED,
  callback(this: Socket, length: number): boolean {
    const came = SHARED.subarray(0, length);
    if (length < LEAST_WITH_ROOM) return this.push(Buffer.from(came));
    const memory = Buffer.allocUnsafeSlow(HEADROOM + length);
    memory.set(came, HEADROOM);
    withRoom.add(memory.buffer);
    return this.push(memory.subarray(HEADROOM));
  },
};

/** The two as one, without a copy, where `bytes` are all of a big read; undefined where they are not. Once for each. */
export function prefixed(header: Uint8Array, bytes: Uint8Array): Buffer | undefined {
  const { buffer, byteOffset, byteLength } = bytes;
  if (byteOffset !== HEADROOM || header.length !== HEADROOM || buffer.byteLength !== HEADROOM + byteLength) return;
  if (!withRoom.delete(buffer)) return undefined;
  const whole = Buffer.from(buffer);
  whole.set(header);
  return whole;
}

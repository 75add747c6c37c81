// How sockets of tunnels are read: up to 256 KiB at once, where Node reads 64, into one buffer that all of them share. What came is copied out of
// it, as much as there is; a tunnel that is quiet holds nothing. For sockets that this process connects: Node offers it for no others.

import type { OnReadOpts, Socket } from 'node:net';

const SHARED = Buffer.allocUnsafeSlow(256 * 1024);

/** An option of `net.connect`. The socket behaves as any other. */
export const BIG_READS: OnReadOpts = {
  buffer: SHARED,
  callback(this: Socket, length: number): boolean {
    return this.push(Buffer.from(SHARED.subarray(0, length)));
  },
};

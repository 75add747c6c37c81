// Reads a socket past the queue of its stream: what the handle brings goes to its reader at once, where Node would take each piece through the stream's buffer and its events first. That passage was
// a tenth of what a relay's bytes cost (docs/decisions/0061-past-the-queue.md).

import type { Duplex } from 'node:stream';

/**
 * As `socket.on('data', take)`, for a single reader: it pauses and resumes the socket as ever, and the other events stay as they are. What is in the queue already comes first.
 * Every piece that a handle brings comes by `push` (`onStreamRead` in Node's lib/internal/stream_base_commons.js); what comes while the reader has paused is queued, and there ends the reading.
 */
export function readStraight(socket: Duplex, take: (bytes: Buffer) => void): void {
  const push = socket.push.bind(socket);
  socket.on('data', take);
  socket.push = (bytes: Buffer | null, encoding?: BufferEncoding): boolean => {
    if (bytes === null || socket.readableFlowing !== true || socket.readableLength > 0) return push(bytes, encoding);
    take(bytes);
    return true;
  };
}

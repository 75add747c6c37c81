// Looks for a text in all that a process holds: every writable page (V8's heap, buffers outside of it, OpenSSL's own), and the heap
// snapshot that V8 writes. Linux only, and the process must be a child of the same user.

import { closeSync, openSync, readFileSync, readSync } from 'node:fs';

/** Pages are read in pieces of this size, overlapping by a needle, so that a large heap needs no large buffer. */
const PIECE_BYTES = 16 * 1024 * 1024;

/** How often the text stands in the process's writable memory, as one byte or as two bytes for each character. */
export function countInMemory(pid: number, text: string): number {
  const needles = [Buffer.from(text, 'latin1'), Buffer.from(text, 'utf16le')];
  const overlap = Math.max(...needles.map((needle) => needle.length)) - 1;
  const memory = openSync(`/proc/${pid}/mem`, 'r');
  const piece = Buffer.alloc(PIECE_BYTES);
  let count = 0;
  try {
    for (const [start, end] of writableRanges(pid)) {
      for (let at = start; at < end; at += PIECE_BYTES - overlap) {
        const wanted = Math.min(PIECE_BYTES, end - at);
        const length = readPiece(memory, piece, wanted, at);
        for (const needle of needles) count += occurrences(piece.subarray(0, length), needle);
        if (wanted < PIECE_BYTES) break;
      }
    }
  } finally {
    closeSync(memory);
  }
  return count;
}

export function occurrences(haystack: Buffer, needle: Buffer | string): number {
  let count = 0;
  for (let at = haystack.indexOf(needle); at >= 0; at = haystack.indexOf(needle, at + 1)) count += 1;
  return count;
}

function writableRanges(pid: number): [number, number][] {
  return readFileSync(`/proc/${pid}/maps`, 'utf8')
    .split('\n')
    .map((line) => /^([0-9a-f]+)-([0-9a-f]+) rw/.exec(line))
    .filter((match) => match !== null)
    .map(([, start = '', end = '']) => [Number.parseInt(start, 16), Number.parseInt(end, 16)]);
}

/** Pages may be returned to the system between reading the map and reading them; then there is nothing to find in them. */
function readPiece(file: number, piece: Buffer, wanted: number, at: number): number {
  try {
    return readSync(file, piece, 0, wanted, at);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EIO') return 0;
    throw error;
  }
}

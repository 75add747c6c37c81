// The site behind the exits of a soak: it sends and takes a pattern that both ends can compute. The first line of a connection says what it does:
// `send <bytes>`, `take` (answers with length and hash once the other side has ended its half), `echo`.

import { createHash } from 'node:crypto';
import { once } from 'node:events';
import type { Socket } from 'node:net';
import { startTcpOrigin, type Origin } from '../support/exit-origin.ts';
import { patternAt } from '../support/relay-pattern.ts';

/** @param spoil changes a byte of every answer: what a soak must notice */
export function startPatternOrigin({ spoil = false, address = '127.0.2.44' } = {}): Promise<Origin> {
  return startTcpOrigin((socket) => {
    let text = Buffer.alloc(0);
    // Who ends without a word of what it wants is waited for no longer.
    const onEnd = (): void => void socket.end();
    socket.once('end', onEnd);
    const onData = (chunk: Buffer): void => {
      text = Buffer.concat([text, chunk]);
      const end = text.indexOf(10);
      if (end < 0) return;
      socket.off('data', onData);
      socket.off('end', onEnd);
      const [name = '', count = '0'] = text.subarray(0, end).toString().split(' ');
      const rest = text.subarray(end + 1);
      if (name === 'send') void send(socket, Number(count), spoil);
      else if (name === 'take') take(socket, rest);
      else {
        if (rest.length > 0) socket.write(rest);
        socket.pipe(socket);
      }
    };
    socket.on('data', onData);
  }, address);
}

async function send(socket: Socket, length: number, spoil: boolean): Promise<void> {
  socket.resume();
  const gone = new AbortController();
  socket.once('close', () => gone.abort());
  try {
    for (let at = 0; at < length && !socket.destroyed;) {
      const right = patternAt(at, length);
      at += right.length;
      const sent = spoil ? Buffer.from(right) : right;
      if (spoil) sent[0] = (sent[0] ?? 0) ^ 1;
      if (!socket.write(sent)) await once(socket, 'drain', { signal: gone.signal });
    }
    socket.end();
  } catch {
    // The client is gone.
  }
}

function take(socket: Socket, first: Buffer): void {
  const hash = createHash('sha256').update(first);
  let length = first.length;
  socket.on('data', (chunk: Buffer) => {
    length += chunk.length;
    hash.update(chunk);
  });
  socket.once('end', () => socket.end(JSON.stringify({ length, sha256: hash.digest('hex') })));
}

// The entry's own count beside a real stream: what an honest exit has sent into a window that stands still must be borne out, or it is taken for a liar.

import { generateKeyPair } from '@libp2p/crypto/keys';
import type { Stream } from '@libp2p/interface';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createRelayNode, type RelayNode } from '../../relay/net/node.ts';
import { MAX_STREAM_WINDOW } from '../../relay/net/limits.ts';
import { ExitTraffic } from '../../relay/transit/traffic.ts';

const PROTOCOL = '/test/flood/1.0.0';
/** A handshake and the head of a page, in pieces as they come. */
const PIECES = 60;
const PIECE_BYTES = 2000;
const BULK_BYTES = 64 * 1024;

let exit: RelayNode;
let entry: RelayNode;
beforeAll(async () => {
  const [exitKey, entryKey] = await Promise.all([generateKeyPair('Ed25519'), generateKeyPair('Ed25519')]);
  exit = await createRelayNode({ privateKey: exitKey, listen: [{ host: '127.0.0.1', port: 0 }], mayDial: [] });
  entry = await createRelayNode({ privateKey: entryKey, listen: [], mayDial: [exit.peerId] });
});
afterAll(async () => {
  await entry.stop();
  await exit.stop();
});

test('a tunnel that stands still after a few kilobytes: what the exit has sent is no more than the entry bears out', async () => {
  let sent = 0;
  await exit.handle(PROTOCOL, (stream) => {
    const put = async (bytes: number): Promise<void> => {
      sent += bytes;
      if (stream.send(new Uint8Array(bytes))) return;
      await new Promise((resolve) => {
        stream.addEventListener('drain', resolve, { once: true });
      });
    };
    const flood = async (): Promise<void> => {
      for (let piece = 0; piece < PIECES; piece += 1) await put(PIECE_BYTES);
      while (stream.status === 'open') await put(BULK_BYTES);
    };
    // Begins when it is asked, since the muxer has measured its round trip by then.
    stream.addEventListener('message', () => void flood().catch(() => undefined), { once: true });
  });
  const connection = await entry.dial(exit.getMultiaddrs()[0]!);
  const stream = await connection.newStream(PROTOCOL);
  await expect.poll(() => roundTrip(stream), { timeout: 10_000 }).toBeGreaterThanOrEqual(0);

  const traffic = new ExitTraffic();
  const tunnel = traffic.tunnel('k51exit');
  stream.addEventListener('message', ({ data }) => {
    tunnel.passed(data.byteLength);
    if (traffic.begin('k51exit').most >= PIECES * PIECE_BYTES && stream.readStatus === 'readable') stream.pause();
  });
  stream.send(new Uint8Array(1));
  const passed = (): number => Number(traffic.begin('k51exit').most);
  // Of what was read room is given by halves of the window (relay/net/window-updates.ts).
  const atLeast = MAX_STREAM_WINDOW - PIECES * PIECE_BYTES;
  await expect.poll(() => sent - passed(), { timeout: 10_000 }).toBeGreaterThanOrEqual(atLeast);
  expect(passed()).toBeLessThan(MAX_STREAM_WINDOW / 8);
  expect(Number(traffic.total('k51exit').most)).toBeGreaterThanOrEqual(sent);
  // Cut, it was sent all the same.
  stream.abort(new Error('the client has gone'));
  tunnel.ended(false);
  expect(Number(traffic.total('k51exit').most)).toBeGreaterThanOrEqual(sent);
});

/** Of yamux, ms; -1 before it is known. */
function roundTrip(stream: Stream): number {
  return (stream as Stream & { getRTT(): number }).getRTT();
}

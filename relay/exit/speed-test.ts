// Sends and takes the bytes of a speed test itself, so that it measures the circuit and needs nobody's server (docs/protocol/speed-test.md). The bytes pass the same tunnel,
// meter and price as any others. What comes is counted and dropped.

import { randomBytes } from 'node:crypto';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { isWithinOneCircuit } from '../../src/core/circuit/circuit-check.ts';
import { MAX_SPEED_BYTES, parseSpeedCount, SPEED_PATH } from '../../src/core/circuit/speed-test.ts';
import { ExitError } from './exit-error.ts';
import { valueOf, type Field } from './fields.ts';
import type { PlainReply, PlainRequest } from './forward.ts';
import type { RateLimit } from '../net/rate-limit.ts';
import type { PlainRequestTarget } from './target.ts';

const HTTP_PORT = 80;
/** Drawn once: bytes that nobody on the way could make fewer of. */
const CHUNK = randomBytes(64 * 1024);
/** Nobody but the client reads it, and nobody keeps it. */
const FIELDS: readonly Field[] = [
  ['cache-control', 'no-store'],
  ['x-content-type-options', 'nosniff'],
  ['cross-origin-resource-policy', 'same-origin'],
];

export function isSpeedTest({ host, port, path }: PlainRequestTarget): boolean {
  return port === HTTP_PORT && host.kind === 'name' && isWithinOneCircuit(host.name) && pathOf(path) === SPEED_PATH;
}

/** Throws `ExitError`: method-refused, bad-request, too-many-checks. */
export async function serveSpeed(
  request: PlainRequest,
  reply: PlainReply,
  { limit, now }: { limit: RateLimit; now: number },
): Promise<void> {
  if (request.method === 'GET') {
    const count = parseSpeedCount(new URL(request.target.path, 'http://exit').searchParams.get('count'));
    if (count === undefined) throw new ExitError('bad-request');
    take(limit, now);
    await stream(reply, 'application/octet-stream', count, Readable.from(chunks(count), { objectMode: false }));
    return;
  }
  if (request.method !== 'POST') throw new ExitError('method-refused');
  // Framing holds the body to its length, in both versions of HTTP.
  const announced = parseSpeedCount(valueOf(request.fields, 'content-length') ?? null);
  if (announced === undefined || request.body === undefined) throw new ExitError('bad-request');
  take(limit, now);
  let bytes = 0;
  for await (const chunk of request.body as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > MAX_SPEED_BYTES) throw new ExitError('bad-request');
  }
  const answer = JSON.stringify({ bytes });
  await stream(reply, 'application/json', Buffer.byteLength(answer), Readable.from([Buffer.from(answer)]));
}

function take(limit: RateLimit, now: number): void {
  if (!limit.take(now)) throw new ExitError('too-many-checks');
}

async function stream(reply: PlainReply, type: string, length: number, content: Readable): Promise<void> {
  if (reply.isGone()) return;
  const fields: Field[] = [['content-type', type], ['content-length', String(length)], ...FIELDS];
  const into = reply.head({ status: 200, reason: '', fields, bodiless: false, trailers: false });
  // Whoever is gone needs no answer; nothing is read of `content` any more.
  await pipeline(content, into).catch(() => undefined);
}

function* chunks(count: number): Generator<Buffer> {
  for (let left = count; left > 0; left -= CHUNK.length) yield CHUNK.subarray(0, Math.min(left, CHUNK.length));
}

function pathOf(path: string): string {
  return path.split('?', 1)[0] ?? '';
}

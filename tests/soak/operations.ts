// What the clients of a soak do in a tunnel, each with the answer that it must get. Bytes are compared with what they should be as they come, so that a transfer that was cut is judged
// as well: what came of it has to be the beginning of the right thing, and it must not look complete.

import { createHash } from 'node:crypto';
import type { Duplex } from 'node:stream';
import { patternAt, patternHash } from '../support/relay-pattern.ts';
import type { Random } from '../chaos/kills/random.ts';
import { happens, openTunnel, type Alpn, type Circuit, type Tunnel } from './tunnel.ts';

export const KINDS = ['download', 'upload', 'small', 'idle', 'cut'] as const;
export type Kind = (typeof KINDS)[number];

/** `whole`: all as it should be. `broken`: it failed and said so. `wrong`: bytes were changed, or a part looked like the whole. */
export type Result = { result: 'whole' | 'broken' | 'wrong'; bytes: number; why?: string };

/** Bytes of a transfer: from less than a TLS record to more than every window on the way (4 MiB). */
const LEAST_BYTES = 1_000;
const MOST_BYTES = 6_000_000;
const SMALL_BYTES = 200;

export type Settings = { authority: string; idleMs: [number, number] };

export async function operate(kind: Kind, circuit: Circuit, random: Random, settings: Settings): Promise<Result> {
  const alpn: Alpn = random.draw() < 0.5 ? 'h2' : 'http/1.1';
  // Small ones are more frequent than large ones, as on the web.
  const length = Math.round(LEAST_BYTES * (MOST_BYTES / LEAST_BYTES) ** random.draw());
  const idleMs = random.between(...settings.idleMs);
  let tunnel: Tunnel | undefined;
  try {
    tunnel = await openTunnel(circuit, settings.authority, alpn);
    switch (kind) {
      case 'download':
        return await download(tunnel, length);
      case 'upload':
        return await upload(tunnel, length);
      case 'small':
        return await echo(tunnel, 1, 0);
      case 'idle':
        return await echo(tunnel, 2, idleMs);
      case 'cut':
        break;
    }
    return await cutMidway(tunnel, length);
  } catch (error) {
    return { result: 'broken', bytes: 0, why: error instanceof Error ? error.message : String(error) };
  } finally {
    tunnel?.cut();
  }
}

/** @param length bytes */
export async function download(tunnel: Tunnel, length: number): Promise<Result> {
  const { stream } = tunnel;
  stream.write(`send ${length}\n`);
  const got = await compare(stream, length);
  if (!got.right)
    return { result: 'wrong', bytes: got.bytes, why: `other bytes than the site sent, before ${got.bytes}` };
  if (got.bytes === length) return { result: 'whole', bytes: length };
  // Who knows how much was to come, as a browser does by `content-length`, sees it; where the tunnel can say it, it must.
  const broken = !got.ended || tunnel.isBroken() || !tunnel.tellsEnds;
  const why = `${got.bytes} of ${length} bytes came`;
  return { result: broken ? 'broken' : 'wrong', bytes: got.bytes, why };
}

async function upload(tunnel: Tunnel, length: number): Promise<Result> {
  const { stream } = tunnel;
  const answer = textOf(stream);
  answer.catch(() => undefined);
  stream.write('take\n');
  for (let at = 0; at < length;) {
    const chunk = patternAt(at, length);
    at += chunk.length;
    if (!stream.write(chunk)) await happens(stream, 'drain');
  }
  stream.end();
  const text = await answer;
  // The answer of the site has an end of its own, which a browser would miss.
  if (text === '' && (tunnel.isBroken() || !tunnel.tellsEnds)) return { result: 'broken', bytes: 0, why: 'no answer' };
  const right = text === JSON.stringify({ length, sha256: patternHash(length) });
  return right
    ? { result: 'whole', bytes: length }
    : { result: 'wrong', bytes: length, why: `the site has ${text} of ${length}` };
}

async function echo({ stream }: Tunnel, times: number, pauseMs: number): Promise<Result> {
  const said = patternAt(0, SMALL_BYTES);
  stream.write('echo\n');
  for (let round = 0; round < times; round += 1) {
    // An idle tunnel is one that nothing passes for a while; a client that is gone ends the wait.
    if (round > 0 && (await closedWithin(stream, pauseMs))) throw new Error('an idle tunnel was closed');
    stream.write(said);
    const got = await compare(stream, SMALL_BYTES);
    if (!got.right) return { result: 'wrong', bytes: got.bytes, why: 'an echo of other bytes' };
    if (got.bytes < SMALL_BYTES) return { result: 'broken', bytes: got.bytes, why: 'no echo' };
  }
  return { result: 'whole', bytes: 2 * SMALL_BYTES * times };
}

/** Half is read, then it is cut; what came has to be right. */
async function cutMidway({ stream }: Tunnel, length: number): Promise<Result> {
  stream.write(`send ${length}\n`);
  const { right, bytes } = await compare(stream, Math.ceil(length / 2), length);
  if (!right) return { result: 'wrong', bytes, why: 'other bytes than the site sent' };
  return { result: bytes >= Math.ceil(length / 2) ? 'whole' : 'broken', bytes };
}

/** Reads `count` bytes of a pattern of `length`, or to the end if that comes first. */
async function compare(
  stream: Duplex,
  count: number,
  length = count,
): Promise<{ right: boolean; bytes: number; ended: boolean }> {
  const hash = createHash('sha256');
  let bytes = 0;
  while (bytes < count) {
    const chunk = stream.read() as Buffer | null;
    if (chunk === null) {
      if (stream.readableEnded || stream.destroyed) break;
      await changes(stream);
      continue;
    }
    hash.update(chunk);
    if (!isPattern(chunk, bytes, length)) return { right: false, bytes, ended: false };
    bytes += chunk.length;
  }
  const whole = bytes === count && count === length;
  const right = !whole || hash.digest('hex') === patternHash(length);
  return { right, bytes, ended: stream.readableEnded };
}

/** Something to read, or an end of either kind, or a stall. */
function changes(stream: Duplex): Promise<void> {
  return new Promise((resolve) => {
    const settle = (): void => {
      clearTimeout(timer);
      for (const event of EVENTS) stream.off(event, settle);
      resolve();
    };
    const timer = setTimeout(() => {
      stream.destroy();
      settle();
    }, STALL_MS);
    for (const event of EVENTS) stream.on(event, settle);
  });
}

const EVENTS = ['readable', 'end', 'close'];
/** No byte for so long, on loopback, is a transfer that does not go on. */
const STALL_MS = 30_000;
const BLOCK = 256 * 1024;

function isPattern(chunk: Buffer, from: number, length: number): boolean {
  if (from + chunk.length > length) return false;
  for (let at = 0; at < chunk.length;) {
    const block = patternAt(from + at, length);
    const size = Math.min(block.length, BLOCK - ((from + at) % BLOCK), chunk.length - at);
    if (chunk.compare(block, 0, size, at, at + size) !== 0) return false;
    at += size;
  }
  return true;
}

async function textOf(stream: Duplex): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString();
}

async function closedWithin(stream: Duplex, ms: number): Promise<boolean> {
  return happens(stream, 'end', ms).then(
    () => true,
    () => stream.destroyed,
  );
}

// One large transfer down and up, and many at once. The site speaks http, so that what is measured is the proxies and no TLS to the site; it is asked for
// through a tunnel (CONNECT), as browsers ask for all https, and once more as http that the proxy forwards: squid is three to four times as fast in the first way.

import { truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Lab } from '../lab.ts';
import type { Peer, PeerName } from '../peers/peer.ts';
import { SITE } from '../peers/plan.ts';
import { curl } from './curl.ts';
import type { Work } from './work.ts';

const MB = 1e6;
/** Tor has a fifteenth of our speed or less: the same bytes would take it most of a run. */
const TOR_SHARE = 0.1;

export const SITE_URL = `http://${SITE.host}:${SITE.http}`;

/** CONNECT for http as well; without a proxy, and with SOCKS, it says nothing. */
const TUNNEL = ['--proxytunnel'];

/**
 * Relays run for weeks, and what they run is compiled during the first gigabyte or two: of a relay's first 300 MB each costs it 1.4 of what the sixth does (480 and 340 ms of a core for 100 MB, both relays).
 */
const WARM_UP_ROUNDS = 5;

export type StreamInit = { bytes: number; rounds: number; direction: 'down' | 'up' | 'forwarded' };
/** @param bytes of all streams together */
export type StreamsInit = { bytes: number; rounds: number; streams: readonly number[] };

const share = (peer: PeerName): number => (peer === 'tor' ? TOR_SHARE : 1);

const sizeOf = (bytes: number): string => `${bytes / MB} MB, Tor ${(bytes * TOR_SHARE) / MB} MB`;

export function singleStream({ bytes, rounds, direction }: StreamInit): Work {
  const key = direction;
  const isUp = direction === 'up';
  const titles = { down: 'one stream down', up: 'one stream up', forwarded: 'one stream down, forwarded http' };
  return {
    name: 'stream',
    metrics: [{ key, title: titles[direction], unit: 'MB/s', better: 'more', digits: 0 }],
    ...{ rounds, warmUp: WARM_UP_ROUNDS, size: sizeOf(bytes) },
    run: async (peer, lab) => {
      const part = Math.round(bytes * share(peer.name));
      const words = isUp
        ? [...TUNNEL, '--upload-file', await zeros(lab, part), '--output', '/dev/null', `${SITE_URL}/taken`]
        : [...(direction === 'down' ? TUNNEL : []), '--output', '/dev/null', `${SITE_URL}/bytes?n=${part}`];
      const { transfers } = await curl(peer, lab, { words });
      const [transfer] = transfers;
      const moved = isUp ? transfer?.upBytes : transfer?.downBytes;
      if (moved !== part) throw new Error(`${peer.title}: ${moved ?? 0} of ${part} bytes`);
      return { [key]: part / MB / (transfer?.total ?? Number.NaN) };
    },
  };
}

export function manyStreams({ bytes, rounds, streams }: StreamsInit): Work {
  return {
    name: 'streams',
    metrics: streams.map((count) => ({
      key: `down-${count}`,
      title: `${count} streams down, in total`,
      ...{ unit: 'MB/s', better: 'more' as const, digits: 0 },
    })),
    ...{ rounds, size: `${sizeOf(bytes)} in all` },
    run: async (peer, lab) => {
      const values: Record<string, number> = {};
      for (const count of streams) values[`down-${count}`] = await atOnce(peer, lab, bytes * share(peer.name), count);
      return values;
    },
  };
}

async function atOnce(peer: Peer, lab: Lab, bytes: number, count: number): Promise<number> {
  const part = Math.round(bytes / count);
  const parallel = [...TUNNEL, '--parallel', '--parallel-immediate', '--parallel-max', String(count)];
  const urls = Array.from({ length: count }, (_, index) => [
    '--output',
    '/dev/null',
    `${SITE_URL}/bytes?n=${part}&stream=${index}`,
  ]);
  const { transfers, seconds } = await curl(peer, lab, { words: [...parallel, ...urls.flat()] });
  if (transfers.length !== count || transfers.some(({ downBytes }) => downBytes !== part))
    throw new Error(`${peer.title}: not all of ${count} streams came whole`);
  return (part * count) / MB / seconds;
}

/** A file that curl sends without working it out; a hole takes no disk and is read as fast as memory. */
async function zeros({ folder }: Lab, bytes: number): Promise<string> {
  const file = join(folder, `zeros-${bytes}`);
  await writeFile(file, '', { flag: 'a' });
  await truncate(file, bytes);
  return file;
}

/** For lines where a large transfer takes minutes: what comes within `seconds`, connecting and all. */
export function slowStream({ bytes, seconds, rounds }: { bytes: number; seconds: number; rounds: number }): Work {
  return {
    name: 'slow-stream',
    metrics: [{ key: 'slow-down', title: 'one stream down', unit: 'MB/s', better: 'more', digits: 2 }],
    ...{ rounds, size: `${bytes / MB} MB, at most ${seconds} s` },
    run: async (peer, lab) => {
      const words = [...TUNNEL, '--output', '/dev/null', `${SITE_URL}/bytes?n=${bytes}`];
      const { transfers } = await curl(peer, lab, { words, seconds });
      const [{ downBytes, total } = { downBytes: 0, total: Number.NaN }] = transfers;
      return { 'slow-down': downBytes / MB / total };
    },
  };
}

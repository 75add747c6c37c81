// Requests per second: 1 kB each, one after the other on each of 32 tunnels. h2load has no proxy, so this client is our own and the same for all; what it can
// do itself is seen in the direct column.

import type { Socket } from 'node:net';
import type { Lab } from '../lab.ts';
import type { Peer } from '../peers/peer.ts';
import { SITE } from '../peers/plan.ts';
import { openTunnel } from './tunnel.ts';
import type { Work } from './work.ts';

const TUNNELS = 32;
const REQUEST = `GET /small HTTP/1.1\r\nhost: ${SITE.host}\r\n\r\n`;
const BODY_BYTES = 1000;

export function smallRequests({ rounds, seconds }: { rounds: number; seconds: number }): Work {
  return {
    name: 'requests',
    metrics: [{ key: 'requests', title: 'requests per second', unit: '/s', better: 'more', digits: 0 }],
    ...{ rounds, size: `1 kB, ${TUNNELS} tunnels, ${seconds} s` },
    run: async (peer, lab) => ({ requests: await requestsPerSecond(peer, lab, seconds) }),
  };
}

async function requestsPerSecond(peer: Peer, lab: Lab, seconds: number): Promise<number> {
  const tunnels: Socket[] = [];
  try {
    for (let index = 0; index < TUNNELS; index += 1) tunnels.push(await openTunnel(peer, lab));
    let answered = 0;
    const start = performance.now();
    const end = start + seconds * 1000;
    await Promise.all(
      tunnels.map((tunnel) =>
        askUntil(tunnel, end, () => {
          answered += 1;
        }),
      ),
    );
    return answered / ((performance.now() - start) / 1000);
  } finally {
    for (const tunnel of tunnels) tunnel.destroy();
  }
}

/** Every answer has the length of the first: only its date differs. */
function askUntil(tunnel: Socket, end: number, answered: () => void): Promise<void> {
  return new Promise((resolve, reject) => {
    let [length, come] = [0, 0];
    tunnel.on('error', reject);
    tunnel.on('close', () => reject(new Error('a tunnel was closed')));
    tunnel.on('data', (chunk: Buffer) => {
      if (length === 0) {
        if (!chunk.toString('latin1').startsWith('HTTP/1.1 200 ')) {
          reject(new Error('no 200'));
          return;
        }
        length = chunk.indexOf('\r\n\r\n') + 4 + BODY_BYTES;
      }
      come += chunk.length;
      if (come < length) return;
      come -= length;
      answered();
      if (performance.now() < end) tunnel.write(REQUEST);
      else resolve();
    });
    tunnel.write(REQUEST);
  });
}

// Time to the first byte of an answer of 1 kB over https. Cold: nothing is open, and curl begins with the connection to the proxy. Warm: the next request on
// the connection that the first one left, as all but the first of a site are: what is left of it beyond direct is what the proxies add.

import { SITE } from '../peers/plan.ts';
import { median } from '../stats.ts';
import { curl } from './curl.ts';
import type { Work } from './work.ts';

const WARM_REQUESTS = 20;

export function firstByte({ rounds }: { rounds: number }): Work {
  const url = `https://${SITE.host}:${SITE.https}/small`;
  return {
    name: 'first-byte',
    metrics: [
      { key: 'cold', title: 'first byte, cold', unit: 'ms', better: 'less', digits: 1 },
      { key: 'warm', title: 'first byte, warm', unit: 'ms', better: 'less', digits: 2 },
    ],
    ...{ rounds, size: `1 kB; median of ${WARM_REQUESTS} warm ones` },
    run: async (peer, lab) => {
      const words = Array.from({ length: WARM_REQUESTS + 1 }, () => ['--output', '/dev/null', url]).flat();
      const { transfers } = await curl(peer, lab, { words });
      const [cold = Number.NaN, ...warm] = transfers.map(({ firstByte: seconds }) => seconds * 1000);
      return { cold, warm: median(warm) };
    },
  };
}

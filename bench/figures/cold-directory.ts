// From the click to green in a browser that knows no relay, and begins with the registry on the chain; then once more in the same browser, which knows them by then; and in
// a second tab, while circuits stand. And in one that was just installed, with the packaged list of relays and no directory. With 50 ms for each hop, as between
// neighbouring countries:
//   bench/slow-network/slow-network.sh 25 npm run bench -- --only ColdDirectory

import { BADGE, setPrivate, SWITCH, waitForBadge } from '../../devnet/private-tab.ts';
import { startNetwork, type NetworkInit } from '../../devnet/network.ts';
import { startBrowser } from '../../devnet/session.ts';
import type { DrivenBrowser, DrivenTab } from '../../devnet/browsers/driven-browser.ts';
import type { Amount, Figure } from '../figure.ts';
import { median, percentile, spread } from '../stats.ts';

const MUST_COLD_MS = 2500;
const MUST_WARM_MS = 1000;

export async function measureColdDirectory(init: Pick<NetworkInit, 'portBase'>, { quick }: Amount): Promise<Figure[]> {
  const samples = quick ? 3 : 20;
  const network = await startNetwork({ ...init, payments: true, discovery: true, payers: 2 * samples });
  const cold: number[] = [];
  const packaged: number[] = [];
  const warm: number[] = [];
  const standing: number[] = [];
  try {
    for (let sample = 0; sample < samples; sample += 1) {
      const browser = await startBrowser('chromium', network, { headless: true, records: [] });
      try {
        // Before the first is private: a tab that is opened from it would be private too.
        const other = await browser.openTab(`${network.origin('news')}/`);
        const tab = await browser.openTab(`${network.origin('shop')}/`);
        cold.push(await clickToGreen(browser, tab));
        await (await setPrivate(browser, tab, false)).close();
        warm.push(await clickToGreen(browser, tab));
        standing.push(await clickToGreen(browser, other));
      } finally {
        await browser.close();
      }
      const fresh = await startBrowser('chromium', network, { headless: true });
      try {
        packaged.push(await clickToGreen(fresh, await fresh.openTab(`${network.origin('shop')}/`)));
      } finally {
        await fresh.close();
      }
    }
  } finally {
    await network.close();
  }
  const row = (name: string, times: number[], must: number): Figure => ({
    name,
    must: `p95 <= ${must / 1000} s`,
    measured: `${(percentile(times, 0.95) / 1000).toFixed(2)} s`,
    reached: percentile(times, 0.95) <= must,
    detail: `median ${median(times).toFixed(0)} ms, ${spread(times, 0)} ms, ${times.length} of Chromium, badge looked at every 50 ms`,
  });
  return [
    row('click to green, no relay known', cold, MUST_COLD_MS),
    row('click to green, the packaged list alone', packaged, MUST_COLD_MS),
    row('click to green, relays known', warm, MUST_WARM_MS),
    row('click to green, circuits stand', standing, MUST_WARM_MS),
  ];
}

async function clickToGreen(browser: DrivenBrowser, tab: DrivenTab): Promise<number> {
  const popup = await browser.openPopup(tab);
  await popup.waitFor(`document.querySelector('${SWITCH}')?.getAttribute('aria-checked') === 'false'`);
  const start = performance.now();
  await popup.click(SWITCH);
  await waitForBadge(browser, tab, BADGE.private);
  const took = performance.now() - start;
  await popup.close();
  return took;
}

// Whether a page that asks for 500 things at once gets all of them through one circuit.

import { setPrivate } from '../../devnet/private-tab.ts';
import { EXIT_ADDRESSES } from '../../devnet/plan.ts';
import { startBrowser } from '../../devnet/session.ts';
import type { Network } from '../../devnet/network.ts';
import type { Figure } from '../figure.ts';

const REQUESTS = 500;

export async function measureParallelRequests(network: Network): Promise<Figure> {
  const browser = await startBrowser('chromium', network, { headless: true });
  try {
    const tab = await browser.openTab(`${network.origin('shop')}/`);
    await (await setPrivate(browser, tab, true)).close();
    const start = performance.now();
    const answers = (await tab.evaluate(
      `Promise.all(Array.from({ length: ${REQUESTS} }, (_, index) =>
        fetch('/whoami.json?request=' + index).then((response) => response.json(), () => undefined)))`,
    )) as ({ address: string } | null | undefined)[];
    const seconds = (performance.now() - start) / 1000;
    const answered = answers.filter((answer) => answer != null && EXIT_ADDRESSES.has(answer.address)).length;
    return {
      name: `${REQUESTS} parallel page requests through one circuit`,
      must: 'all answered',
      measured: `${answered} answered`,
      reached: answered === REQUESTS,
      detail: `all by way of the exit, in ${seconds.toFixed(1)} s, Chromium`,
    };
  } finally {
    await browser.close();
  }
}

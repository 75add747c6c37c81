// `npm start -- --headless --once`: the walk that a person would make, made by the program, with the truth read from both ends.
// It succeeds only if the private tab came out of the exit and the normal tab did not.

import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { DrivenBrowser } from './browsers/driven-browser.ts';
import { DevnetError } from './errors.ts';
import type { Network } from './network.ts';
import { DIRECT_ADDRESS, SITES } from './plan.ts';
import { addressShown, setPrivate } from './private-tab.ts';
import { formatTable } from './table.ts';
import { walkPaying } from './walk-paying.ts';
import { collectViews } from './what-they-saw.ts';

const ARTIFACTS = fileURLToPath(new URL('../artifacts', import.meta.url));
/** Kinds that the demo page shows once all of its parts have loaded. */
const KINDS_SHOWN = 8;

export async function walk(network: Network, browser: DrivenBrowser): Promise<void> {
  await mkdir(ARTIFACTS, { recursive: true });
  const news = await browser.openTab(`${network.origin('news')}/`);
  const shop = await browser.openTab(`${network.origin('shop')}/`);
  expectAddress(await addressShown(news), DIRECT_ADDRESS, 'the normal tab, before');
  expectAddress(await addressShown(shop), DIRECT_ADDRESS, 'the other tab, before');

  const clicked = Date.now();
  const popup = await setPrivate(browser, shop, true);
  const green = Date.now();
  const address = await addressShown(shop, DIRECT_ADDRESS);
  const exit = network.relays.find((relay) => relay.role === 'exit' && relay.address === address);
  if (!exit)
    throw new DevnetError('walk-failed', `The private tab came out of ${address}, which is no exit of the devnet.`);
  // What it asked for when it was loaded by itself may all have come before the badge was looked at.
  const unloaded = await shop.open(`${network.origin('shop')}/`);
  if (unloaded !== undefined) throw new DevnetError('walk-failed', `The private tab could not load again: ${unloaded}`);
  await shop.waitFor(`Object.keys(window.results ?? {}).length >= ${KINDS_SHOWN}`);
  const failure = await news.open(`${network.origin('news')}/`);
  if (failure !== undefined) throw new DevnetError('walk-failed', `The normal tab could not load again: ${failure}`);
  const newsAfter = await addressShown(news);
  expectAddress(newsAfter, DIRECT_ADDRESS, 'the normal tab, beside the private one');

  const views = await collectViews(network, exit, green);
  const pictures = {
    popup: join(ARTIFACTS, `popup-${browser.name}.png`),
    page: join(ARTIFACTS, `page-${browser.name}.png`),
  };
  await popup.screenshot(pictures.popup);
  await popup.close();
  await shop.screenshot(pictures.page);

  const wallet = await browser.openPopup(shop);
  await walkPaying(network, wallet, shop);
  await wallet.close();
  const off = await setPrivate(browser, shop, false);
  await off.close();
  expectAddress(await addressShown(shop, address), DIRECT_ADDRESS, 'the tab after the switch went off');

  console.log(`\n${browser.name} ${browser.version}: private ${green - clicked} ms after the click.\n`);
  console.log(
    formatTable([
      ['party', 'who', 'saw', 'did not see'],
      ...views.rows.map(({ party, who, saw, didNotSee }) => [party, who, saw, didNotSee]),
    ]),
  );
  console.log(`\nnormal tab  ${SITES.news.host} sees ${newsAfter}`);
  console.log(
    `private tab ${SITES.shop.host} sees ${address} (${exit.name}, ${exit.operator}), and ${DIRECT_ADDRESS} again after the switch went off`,
  );
  console.log(`pictures    ${pictures.popup}\n            ${pictures.page}`);
  if (views.broken.length > 0)
    throw new DevnetError('walk-failed', `The promise did not hold: ${views.broken.join('; ')}.`);
}

function expectAddress(seen: string, wanted: string, which: string): void {
  if (seen !== wanted) throw new DevnetError('walk-failed', `The site saw ${seen} instead of ${wanted} for ${which}.`);
}

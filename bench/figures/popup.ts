// From the click on the button to a popup that can be used, beside an empty page of the same extension in the same browser, in turns; and from the click on "Unlock" to an
// open wallet. In real browsers, whose own clock is read: nothing here waits by looking from time to time.

import { SWITCH } from '../../devnet/private-tab.ts';
import { startBrowser } from '../../devnet/session.ts';
import { CONTROL_PAGE } from '../../devnet/browsers/extension-copy.ts';
import { delay, type BrowserName, type DrivenBrowser, type DrivenTab } from '../../devnet/browsers/driven-browser.ts';
import type { Network } from '../../devnet/network.ts';
import type { Amount, Figure } from '../figure.ts';
import { median, percentile, spread } from '../stats.ts';

const MUST_POPUP_MS = 200;
const MUST_UNLOCK_MS = 400;
const PASSWORD = 'gT7!qLx2#vR9m';
/** A browser shows its first popup slower than all others. */
const WARM_UP = 2;
const APART_MS = 1000;
/** Firefox opens a popup for a program only where this says so. */
const PREFS = { 'extensions.openPopupWithoutUserGesture.enabled': true };

export async function measurePopup(network: Network, name: BrowserName, { quick }: Amount): Promise<Figure[]> {
  const browser = await startBrowser(name, network, { headless: true, prefs: PREFS });
  try {
    const tab = await browser.openTab(`${network.origin('shop')}/`);
    const samples = quick ? 11 : 31;
    const unlocks = await measureUnlocks(browser, tab, samples);
    const ours: Opened[] = [];
    const empty: Opened[] = [];
    const asleep: Opened[] = [];
    for (let sample = -WARM_UP; sample < samples; sample += 1) {
      const pair = [await open(browser, tab, CONTROL_PAGE), await open(browser, tab)] as const;
      await browser.killWorker();
      const cold = await open(browser, tab);
      if (sample < 0) continue;
      empty.push(pair[0]);
      ours.push(pair[1]);
      asleep.push(cold);
    }
    const clicks = ours.map(({ click }) => click);
    const of = (opened: readonly Opened[]): string =>
      `${withP95(opened.map(({ click }) => click))} ms, of which since its page began ${withP95(opened.map(({ page }) => page))}`;
    const told = (opened: readonly Opened[]): string =>
      `${withP95(opened.map((one) => one.told))} ms until all is the worker's word`;
    // Of each turn: the machine is shared, and what slows one slows the other beside it.
    const more = ours.map(({ click }, turn) => click - (empty[turn]?.click ?? Number.NaN));
    const times = ours.map(({ click }, turn) => click / (empty[turn]?.click ?? Number.NaN));
    return [
      {
        name: `popup usable after the click, ${name}`,
        must: `<= ${MUST_POPUP_MS} ms`,
        measured: `${median(clicks).toFixed(0)} ms`,
        reached: median(clicks) <= MUST_POPUP_MS,
        detail: `${of(ours)}, ${told(ours)}; an empty page as popup ${of(empty)}; ours beside it in the same turn ${withP95(more)} ms more, ${median(times).toFixed(2)} times as long; with the worker asleep ${of(asleep)}, ${told(asleep)}; ${ours.length} of each, ${browser.version}`,
      },
      {
        name: `unlock, ${name}`,
        must: `<= ${MUST_UNLOCK_MS} ms`,
        measured: `${median(unlocks).toFixed(0)} ms`,
        reached: median(unlocks) <= MUST_UNLOCK_MS,
        detail: `${spread(unlocks, 0)} ms from the click to the open wallet, ${unlocks.length} of them; Argon2id of 64 MiB is in it`,
      },
    ];
  } finally {
    await browser.close();
  }
}

/** `median (p95)` */
function withP95(values: readonly number[]): string {
  return `${median(values).toFixed(0)} (p95 ${percentile(values, 0.95).toFixed(0)})`;
}

/** Milliseconds: from the call that a click is, and from when the browser began to load the page, until the switch works; and from the click until all is the worker's word. */
type Opened = { click: number; page: number; told: number };

/** @param path another popup than the extension's own: of that, until its document is there */
async function open(browser: DrivenBrowser, tab: DrivenTab, path?: string): Promise<Opened> {
  await tab.activate();
  // The popup before may still be on its way out: nobody opens two within a second.
  await delay(APART_MS);
  const took = await browser.asExtension(`(async () => {
    const api = globalThis.browser ?? chrome;
    const own = api.runtime.getManifest().action.default_popup;
    const path = ${JSON.stringify(path)} ?? own;
    await api.action.setPopup({ popup: path });
    // Our popup connects after its first drawing. To look for its window again and again would keep busy the very thread that draws it: all pages of
    // an extension share one.
    const connected = Promise.withResolvers();
    api.runtime.onConnect.addListener(connected.resolve);
    const start = performance.timeOrigin + performance.now();
    await Promise.all([api.action.openPopup(), path === own && connected.promise]);
    api.runtime.onConnect.removeListener(connected.resolve);
    let view;
    // Firefox has it a little later. A timer of a page that is not seen would come once a second.
    while ((view = api.extension.getViews({ type: 'popup' }).find(({ document, location }) => location.href.endsWith(path) && document.readyState !== 'loading')) === undefined)
      await api.runtime.getPlatformInfo();
    const marked = (name) => new Promise((resolve) => {
      new view.PerformanceObserver((list, observer) => {
        const [mark] = list.getEntriesByName(name);
        if (mark === undefined) return;
        observer.disconnect();
        resolve(mark.startTime);
      }).observe({ type: 'mark', buffered: true });
    });
    const page = path === own ? await marked('usable') : view.performance.getEntriesByType('navigation')[0].domInteractive;
    const told = path === own ? await marked('told') : page;
    if (path === own && view.document.querySelector(${JSON.stringify(SWITCH)}) === null) throw new Error('the popup says that it is usable, and has no switch');
    const before = view.performance.timeOrigin - start;
    const gone = new Promise((resolve) => view.addEventListener('pagehide', resolve));
    view.close();
    await gone;
    return JSON.stringify({ click: before + page, page, told: before + told });
  })()`);
  return JSON.parse(String(took)) as Opened;
}

/** Each from a locked wallet. */
async function measureUnlocks(browser: DrivenBrowser, tab: DrivenTab, samples: number): Promise<number[]> {
  const popup = await browser.openPopup(tab);
  const tell = (type: string, data: object): Promise<unknown> =>
    popup.evaluate(
      `(globalThis.browser ?? chrome).runtime.sendMessage({ build: (globalThis.browser ?? chrome).runtime.getManifest().version, type: '${type}', data: ${JSON.stringify(data)} }).then(({ ok }) => ok)`,
    );
  await tell('wallet/create', { password: PASSWORD });
  const times: number[] = [];
  for (let sample = -1; sample < samples; sample += 1) {
    await tell('wallet/lock', {});
    await popup.evaluate(`void (location.hash = '#/')`);
    await popup.waitFor(`document.querySelector('[data-action="wallet"]') !== null`);
    await popup.evaluate(`void (location.hash = '#/wallet')`);
    await popup.waitFor(`document.querySelector('input[name="password"]') !== null`);
    const took = await popup.evaluate(`new Promise((resolve) => {
      const field = document.querySelector('input[name="password"]');
      field.value = ${JSON.stringify(PASSWORD)};
      field.dispatchEvent(new Event('input', { bubbles: true }));
      const start = performance.now();
      const observer = new MutationObserver(() => {
        if (document.querySelector('input[name="password"]') !== null) return;
        observer.disconnect();
        resolve(performance.now() - start);
      });
      observer.observe(document, { childList: true, subtree: true });
      field.form.querySelector('button.main').click();
    })`);
    if (sample >= 0) times.push(Number(took));
  }
  await popup.close();
  return times;
}

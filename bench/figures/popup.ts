// From the click on the button to a popup that can be used, beside an empty page of the same extension in the same browser, in turns; and from the click on "Unlock" to an
// open wallet. In real browsers, whose own clock is read: nothing here waits by looking from time to time.

import { SWITCH } from '../../devnet/private-tab.ts';
import { startBrowser } from '../../devnet/session.ts';
import { CONTROL_PAGE } from '../../devnet/browsers/extension-copy.ts';
import type { BrowserName, DrivenBrowser, DrivenTab } from '../../devnet/browsers/driven-browser.ts';
import type { Network } from '../../devnet/network.ts';
import type { Amount, Figure } from '../figure.ts';
import { median, spread } from '../stats.ts';

const MUST_POPUP_MS = 200;
const MUST_UNLOCK_MS = 400;
const PASSWORD = 'gT7!qLx2#vR9m';
/** A browser shows its first popup slower than all others. */
const WARM_UP = 2;
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
      const pair = [
        await open(browser, tab, CONTROL_PAGE, 'title'),
        await open(browser, tab, undefined, SWITCH),
      ] as const;
      await browser.killWorker();
      const cold = await open(browser, tab, undefined, SWITCH);
      if (sample < 0) continue;
      empty.push(pair[0]);
      ours.push(pair[1]);
      asleep.push(cold);
    }
    const clicks = ours.map(({ click }) => click);
    const of = (opened: readonly Opened[]): string =>
      `${spread(
        opened.map(({ click }) => click),
        0,
      )} ms, of which since its page began ${spread(
        opened.map(({ page }) => page),
        0,
      )}`;
    return [
      {
        name: `popup usable after the click, ${name}`,
        must: `<= ${MUST_POPUP_MS} ms`,
        measured: `${median(clicks).toFixed(0)} ms`,
        reached: median(clicks) <= MUST_POPUP_MS,
        detail: `${of(ours)}; an empty page as popup ${of(empty)}; with the worker asleep ${of(asleep)}; ${ours.length} of each, ${browser.version}`,
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

/** Milliseconds: from the call that a click is, and from when the browser began to load the page. */
type Opened = { click: number; page: number };

/** Until what fits `selector` is there. @param path another popup than the extension's own */
async function open(
  browser: DrivenBrowser,
  tab: DrivenTab,
  path: string | undefined,
  selector: string,
): Promise<Opened> {
  await tab.activate();
  const took = await browser.asExtension(`(async () => {
    const api = globalThis.browser ?? chrome;
    const path = ${JSON.stringify(path)} ?? api.runtime.getManifest().action.default_popup;
    const found = (view) => view.document.querySelector(${JSON.stringify(selector)}) !== null;
    // A timer of a page that is not seen would come once a second.
    const turn = () => new Promise((resolve) => {
      const { port1, port2 } = new MessageChannel();
      port1.onmessage = resolve;
      port2.postMessage(0);
    });
    await api.action.setPopup({ popup: path });
    const start = performance.timeOrigin + performance.now();
    await api.action.openPopup();
    let view;
    while ((view = api.extension.getViews({ type: 'popup' }).find(({ location }) => location.pathname.endsWith(path))) === undefined) await turn();
    if (!found(view)) {
      await new Promise((resolve) => {
        const observer = new view.MutationObserver(() => {
          if (!found(view)) return;
          observer.disconnect();
          resolve();
        });
        observer.observe(view.document, { childList: true, subtree: true, attributes: true });
      });
    }
    const page = view.performance.now();
    const click = view.performance.timeOrigin + page - start;
    view.close();
    // One at a time.
    while (api.extension.getViews({ type: 'popup' }).length > 0) await turn();
    return JSON.stringify({ click, page });
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

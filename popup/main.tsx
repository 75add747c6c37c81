// The popup's entry point: finds its tab, watches it, and sends what was clicked. `?tab=<id>` names a tab where the popup is opened as a page.

import { h, render } from 'preact';
import type { PaymentStatus } from '../src/core/payment/payment-status.ts';
import type { SiteRule } from '../src/core/routing/site-rule.ts';
import type { PopupSnapshot } from '../src/core/state/snapshot.ts';
import type { MessageData, MessageType } from '../src/messages/protocol.ts';
import { browser, hasProxyListener } from '../src/platform/browser.ts';
import { send, watchTab } from '../src/platform/messaging.ts';
import { findTab, readSwitches } from '../src/platform/popup-tab.ts';
import { tabTitles } from './tab-titles.ts';
import { createPageHost, type PageHost } from '../src/platform/page-host.ts';
import { onPageSettings, openPage } from '../src/platform/page-settings.ts';
import { speak } from '../src/text/speak.ts';
import { codeOf } from './code-of.ts';
import { loadScreens } from './load-screens.ts';
import { hashOf, parseRoute, type Route } from './route.ts';
import { toViewModel, type PopupState } from './view-model.ts';
import { Popup } from './views.tsx';
import { toWalletLine } from './wallet-line-model.ts';

let state: PopupState = {
  ...{ snapshot: undefined, stored: undefined, wanted: undefined, error: undefined },
  usualScope: hasProxyListener() ? 'tab' : 'site',
};
let payments: PaymentStatus | undefined;
let host: PageHost | undefined;
/** There is a language to draw in. */
let isSpoken = false;

/** The options page (options.html): the same views in a tab, without the first one, which is about a tab beside. */
const isFull = document.documentElement.dataset['page'] === 'full';

function routeNow(): Route {
  const route = parseRoute(location.hash);
  return isFull && route === 'home' ? 'settings' : route;
}

/** Counts clicks: an answer counts only while no later one is on its way. */
let clicks = 0;

function update(change: Partial<PopupState>): void {
  state = { ...state, ...change };
  if (isSpoken && routeNow() === 'home') drawHome();
}

function drawHome(): void {
  const root = document.getElementById('popup');
  if (root === null) return;
  const model = toViewModel(state);
  const on = {
    onToggle: () => void setPrivate(!model.toggle.on),
    onTryAgain: () => void ask('circuit/try-again', (tab) => ({ tab })),
    onAnotherExit: () => void ask('circuit/another-exit', (tab) => ({ tab })),
    onNewIdentity: () => void ask('circuit/new-identity', (tab) => ({ tab })),
    onFindOutWho: () => void findOutWho(),
    onOpenContainer: () => void ask('tab/open-private', (tab) => ({ tab, container: true })),
    onTurnOff: (ids: string[]) => void ask('rivals/turn-off', (tab) => ({ tab, ids })),
    onTolerate: (ids: string[], wanted: boolean) => void ask('rivals/tolerate', (tab) => ({ tab, ids, wanted })),
    onSetRule: (host: string, rule: SiteRule | undefined) => void setRule(host, rule),
    onSetWindows: (wanted: boolean) => void ask('incognito/set', (tab) => ({ tab, wanted })),
    onOpenSettings: () => void ask('incognito/open-settings', (tab) => ({ tab })),
  };
  const traffic = { traffic: state.snapshot?.traffic, currency: payments?.network };
  render(<Popup model={model} wallet={toWalletLine(payments)} traffic={traffic} {...on} />, root);
  if (model.toggle.enabled) markOnce('usable');
  if (state.snapshot !== undefined) markOnce('told');
}

/** For the browser's own profiler, and for bench/figures/popup.ts: from where on the switch works, and from where on all that is shown is the worker's word. */
function markOnce(name: 'usable' | 'told'): void {
  if (performance.getEntriesByName(name).length === 0) performance.mark(name);
}

/** What the address says, after it changed. The first view stays until the other one is there. */
async function drawRoute(): Promise<void> {
  if (routeNow() === 'home') {
    drawHome();
    // Before the state of the tab, which says what the switch does, nothing else is asked of the worker.
    if (state.snapshot !== undefined) void askPayments();
    return;
  }
  const loaded = await loadScreens().catch(() => undefined);
  if (loaded === undefined) {
    // Only another version of the extension has taken the file away.
    update({ error: 'stale' });
    if (isFull) drawHome();
    else go('home');
    return;
  }
  const tab = state.snapshot?.tab ?? (await findTab())?.id;
  // The person may have gone on meanwhile.
  const route = routeNow();
  const root = document.getElementById('popup');
  if (root === null || route === 'home') return;
  const shell = { ask: send, go, tab, now: () => Date.now(), titlesOf: tabTitles, host: (host ??= createPageHost()) };
  render(h(isFull ? loaded.FullPage : loaded.Screens, { route, shell }), root);
}

function go(route: Route): void {
  location.hash = hashOf(route);
}

/** For the line of the wallet. Where it fails the line still leads there. */
async function askPayments(): Promise<void> {
  const tab = state.snapshot?.tab ?? (await findTab())?.id;
  payments = await send('payments/status', { tab: tab ?? 0, direct: false }).catch(() => undefined);
  update({});
}

async function setPrivate(wanted: boolean): Promise<void> {
  const tab = state.snapshot?.tab ?? state.stored?.tab;
  if (tab === undefined) return;
  const click = ++clicks;
  update({ wanted, error: undefined });
  try {
    const snapshot = await send('tab/set-private', { tab, wanted });
    if (click === clicks) update({ snapshot, wanted: undefined });
  } catch (error) {
    if (click === clicks) update({ wanted: undefined, error: codeOf(error) });
  }
}

/** What becomes of the tab the worker says by itself. */
async function setRule(host: string, rule: SiteRule | undefined): Promise<void> {
  try {
    await (rule === undefined ? send('sites/remove', { host }) : send('sites/set-rule', rule));
    update({ error: undefined });
  } catch (error) {
    update({ error: codeOf(error) });
  }
}

/** Sends what was clicked for the tab of the popup, and shows the answer. */
async function ask<T extends MessageType>(type: T, data: (tab: number) => MessageData<T>): Promise<void> {
  const tab = state.snapshot?.tab;
  if (tab === undefined) return;
  try {
    update({ snapshot: (await send(type, data(tab))) as PopupSnapshot, error: undefined });
  } catch (error) {
    update({ error: codeOf(error) });
  }
}

/** The worker hears of the permission from the browser. Must be called in the click itself. */
async function findOutWho(): Promise<void> {
  await browser.permissions.request({ permissions: ['management'] }).catch(() => false);
}

function isSameButTraffic(one: PopupSnapshot, other: PopupSnapshot): boolean {
  const plain = (snapshot: PopupSnapshot): string => JSON.stringify({ ...snapshot, traffic: undefined });
  return plain(one) === plain(other);
}

async function open(): Promise<void> {
  // Beside each other: which tab it is takes the browser as long as the settings. Nothing of the options page is about a tab beside it.
  const page = openPage();
  if (!isFull) void watch(page);
  speak(await page, document, 'app_name');
  isSpoken = true;
  onPageSettings((catalog) => {
    speak(catalog, document, 'app_name');
    void drawRoute();
  });
  addEventListener('hashchange', () => void drawRoute());
  void drawRoute();
}

/** @param page is settled when the first view is drawn: the worker, which may have to wake on the very thread that draws (Firefox), is asked after it */
async function watch(page: Promise<unknown>): Promise<void> {
  const [tab, switchOf] = await Promise.all([findTab(), readSwitches()]);
  if (tab === undefined) {
    update({ error: 'no-tab' });
    void askPayments();
    return;
  }
  update({ stored: switchOf(tab) });
  await page;
  watchTab(tab.id, (snapshot) => {
    const before = state.snapshot;
    update({ snapshot });
    // Each second while a page loads.
    if (before !== undefined && isSameButTraffic(before, snapshot)) return;
    // A tab that changed may have begun to need a deposit.
    if (routeNow() === 'home') void askPayments();
  });
}

void open();

// The browser's tabs and what happens to them. Listeners are registered by `listenToTabs`, which main.ts calls in the first tick.

import type { Tabs as BrowserTabs } from 'webextension-polyfill';
import type { NavigationEvent, NavigationFailure, RequestFailure, TabEvents, Tabs } from '../ports/tabs.ts';
import { browser, hasContainers, hasProxyListener } from './browser.ts';
import { HELD_PAGE } from './extension-pages.ts';
import { toOpenTab } from './open-tab.ts';

const ALL_URLS: { urls: string[] } = { urls: ['<all_urls>'] };

/**
 * Chrome's names for a request that an extension refused, and one that did not get through the proxy. Firefox refuses in its proxy
 * listener, which is not told apart from a site that is down; its NS_ERROR_ABORT is also every load that was given up.
 */
const BLOCKED_ERROR = 'net::ERR_BLOCKED_BY_CLIENT';
const ABORTED_ERROR = 'net::ERR_ABORTED';
const PROXY_ERROR = /^net::ERR_(?:PROXY|TUNNEL|MANDATORY_PROXY)_/;

/** Both browsers' names for what the exit answers to CONNECT when it cannot reach the site: any status but 200. */
const TUNNEL_ERROR =
  /^net::ERR_TUNNEL_CONNECTION_FAILED$|^NS_ERROR_PROXY_(?!CONNECTION_REFUSED)|^NS_ERROR_UNKNOWN_HOST$/;
/** Firefox's for a proxy that it did not reach, or that broke off. */
const FIREFOX_PROXY_ERROR =
  /^NS_ERROR_(?:PROXY_CONNECTION_REFUSED|UNKNOWN_PROXY_HOST|CONNECTION_REFUSED|NET_RESET|NET_INTERRUPT|NET_TIMEOUT|NET_INADEQUATE_SECURITY)$/;

const SENDS_NOTHING = new Set(['GET', 'HEAD']);

/** Firefox's error page comes some tens of milliseconds after the event that announces it; on a busy machine later. */
const ERROR_PAGE_MS = 1000;
const LOOK_MS = 15;

export const tabs: Tabs = {
  list: async () => (await browser.tabs.query({})).map(toOpenTab).filter((tab) => tab !== undefined),

  active: async () => {
    const [tab] = await browser.tabs.query({ active: true, lastFocusedWindow: true });
    return tab === undefined ? undefined : toOpenTab(tab);
  },

  open: async ({ beside, container }) => {
    const near = beside === undefined ? undefined : await orIfGone(browser.tabs.get(beside), undefined);
    const place = near === undefined ? {} : placeBeside(near);
    const jar = container ?? (hasContainers() ? near?.cookieStoreId : undefined);
    const tab = await browser.tabs.create({
      ...place,
      url: 'about:blank',
      active: true,
      ...(jar === undefined ? {} : { cookieStoreId: jar }),
    });
    const open = toOpenTab(tab);
    if (open === undefined) throw new Error('the browser opened a tab without a number');
    return open;
  },

  opener: async (tabId) => (await orIfGone(browser.tabs.get(tabId), undefined))?.openerTabId,

  documents: async (tabId) => {
    // Null where the tab has no page (a discarded one), against the types.
    const frames: { url: string }[] | null = await orIfGone(browser.webNavigation.getAllFrames({ tabId }), []);
    return (frames ?? []).map((frame) => frame.url);
  },

  close: (tabId) => orIfGone(browser.tabs.remove(tabId), undefined),

  reload: (tabId) => orIfGone(browser.tabs.reload(tabId, { bypassCache: true }), undefined),

  load: async (tabId, url) => {
    await orIfGone(browser.tabs.update(tabId, { url }), undefined);
  },

  hold: async (tabId, url, { hasFailed, isWanted }) => {
    const page = browser.runtime.getURL(HELD_PAGE);
    // Nothing before the call in Chrome: its error page is on its way, and what comes first counts.
    if (!hasProxyListener())
      return (await orIfGone(browser.tabs.update(tabId, { url: page }), undefined)) !== undefined;
    // Firefox puts its error page into the history, under the URL that failed: ours takes that place and no other, or "back" would fail again.
    const loadReplace = hasFailed && (await comesToShow(tabId, url));
    if (!isWanted()) return true;
    return (await orIfGone(browser.tabs.update(tabId, { url: page, loadReplace }), undefined)) !== undefined;
  },
};

/** Whether the tab shows that URL, after a moment at most. */
async function comesToShow(tabId: number, url: string): Promise<boolean> {
  for (let waited = 0; waited < ERROR_PAGE_MS; waited += LOOK_MS) {
    const tab = await orIfGone(browser.tabs.get(tabId), undefined);
    if (tab === undefined || tab.url === url) return tab?.url === url;
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
  }
  return false;
}

export function listenToTabs(events: TabEvents): void {
  browser.tabs.onCreated.addListener((tab) => {
    const open = toOpenTab(tab);
    if (open !== undefined) events.created(open);
  });
  browser.tabs.onRemoved.addListener((tab) => events.removed(tab));
  browser.tabs.onReplaced.addListener((added, removed) => events.replaced(removed, added));

  const { webNavigation } = browser;
  webNavigation.onCreatedNavigationTarget.addListener(({ tabId, sourceTabId }) => events.openedBy(tabId, sourceTabId));
  webNavigation.onBeforeNavigate.addListener((details) => events.navigating(toNavigation(details)));
  webNavigation.onCommitted.addListener((details) => events.committed(toNavigation(details)));
  webNavigation.onErrorOccurred.addListener((details) => {
    // Chrome says why; the polyfill's types follow Firefox, which does not.
    const { error } = details as typeof details & { error?: string };
    events.failed({ ...toNavigation(details), cause: causeOf(error) });
  });
  browser.webRequest.onErrorOccurred.addListener(({ tabId, url, type, error }) => {
    const isMain = type === 'main_frame';
    if (tabId < 0) return;
    if (!isMain && causeOf(error) === 'blocked') events.subresourceBlocked({ tab: tabId, url });
    const cause = requestCauseOf(error);
    if (cause !== undefined) events.requestFailed({ tab: tabId, url, isMain, cause });
  }, ALL_URLS);
  browser.webRequest.onBeforeRequest.addListener(
    ({ tabId, url, method }) => {
      if (tabId < 0) return;
      events.requesting({ tab: tabId, url });
      if (!SENDS_NOTHING.has(method)) events.sending({ tab: tabId, url });
    },
    { ...ALL_URLS, types: ['main_frame'] },
  );
}

function toNavigation(details: { tabId: number; frameId: number; url: string; timeStamp: number }): NavigationEvent {
  return { tab: details.tabId, url: details.url, isMain: details.frameId === 0, at: details.timeStamp };
}

function causeOf(error: string | undefined): NavigationFailure {
  if (error === undefined) return 'other';
  if (error === BLOCKED_ERROR) return 'blocked';
  if (error === ABORTED_ERROR) return 'aborted';
  return PROXY_ERROR.test(error) ? 'proxy' : 'other';
}

function requestCauseOf(error: string): RequestFailure['cause'] | undefined {
  if (TUNNEL_ERROR.test(error)) return 'tunnel';
  if (PROXY_ERROR.test(error) || FIREFOX_PROXY_ERROR.test(error)) return 'proxy';
  // Firefox reports TLS by a sentence in the person's language, and everything else by a name. An entry whose exit is gone ends TLS with an
  // alert, at which Firefox does not fall over to the next proxy (measured on ESR 153).
  return hasProxyListener() && !error.startsWith('NS_') ? 'unsure' : undefined;
}

function placeBeside({ id, index, windowId }: BrowserTabs.Tab): BrowserTabs.CreateCreatePropertiesType {
  return {
    index: index + 1,
    ...(windowId === undefined ? {} : { windowId }),
    ...(id === undefined ? {} : { openerTabId: id }),
  };
}

/** A tab may close between two calls: that is no error. */
async function orIfGone<T, G>(call: Promise<T>, gone: G): Promise<T | G> {
  try {
    return await call;
  } catch {
    return gone;
  }
}

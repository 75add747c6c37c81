// The browser's tabs and what happens to them. Listeners are registered by `listenToTabs`, which main.ts calls in the first tick.

import type { Tabs as BrowserTabs } from 'webextension-polyfill';
import type { OpenTab } from '../core/state/derive-policy.ts';
import type { NavigationEvent, NavigationFailure, TabEvents, Tabs } from '../ports/tabs.ts';
import { browser, hasContainers } from './browser.ts';

const ALL_URLS: { urls: string[] } = { urls: ['<all_urls>'] };

/**
 * Chrome's names for a request that an extension refused, and one that did not get through the proxy. Firefox refuses in its proxy
 * listener, which is not told apart from a site that is down; its NS_ERROR_ABORT is also every load that was given up.
 */
const BLOCKED_ERROR = 'net::ERR_BLOCKED_BY_CLIENT';
const ABORTED_ERROR = 'net::ERR_ABORTED';
const PROXY_ERROR = /^net::ERR_(?:PROXY|TUNNEL|MANDATORY_PROXY)_/;

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

  documents: async (tabId) => {
    // Null where the tab has no page (a discarded one), against the types.
    const frames: { url: string }[] | null = await orIfGone(browser.webNavigation.getAllFrames({ tabId }), []);
    return (frames ?? []).map((frame) => frame.url);
  },

  reload: (tabId) => orIfGone(browser.tabs.reload(tabId, { bypassCache: true }), undefined),

  load: async (tabId, url) => {
    await orIfGone(browser.tabs.update(tabId, { url }), undefined);
  },
};

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
    if (tabId >= 0 && type !== 'main_frame' && causeOf(error) === 'blocked')
      events.subresourceBlocked({ tab: tabId, url });
  }, ALL_URLS);
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

function toOpenTab(tab: BrowserTabs.Tab): OpenTab | undefined {
  if (tab.id === undefined || tab.id < 0) return undefined;
  const { id, url, pendingUrl, openerTabId: opener, incognito, cookieStoreId } = tab;
  // Firefox's own stores are those of normal and of private windows.
  const isContainer = cookieStoreId?.startsWith('firefox-container-') === true;
  return { id, url, pendingUrl, opener, incognito, container: isContainer ? cookieStoreId : undefined };
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

// A tab of the browser as the core knows it.

import type { Tabs as BrowserTabs } from 'webextension-polyfill';
import type { OpenTab } from '../core/state/derive-policy.ts';

/** Undefined for what is no tab of a window, as those of developer tools. */
export function toOpenTab(tab: BrowserTabs.Tab): OpenTab | undefined {
  if (tab.id === undefined || tab.id < 0) return undefined;
  const { id, url, pendingUrl, openerTabId: opener, incognito, cookieStoreId } = tab;
  // Firefox's own stores are those of normal and of private windows.
  const isContainer = cookieStoreId?.startsWith('firefox-container-') === true;
  return { id, url, pendingUrl, opener, incognito, container: isContainer ? cookieStoreId : undefined };
}

// The tab that a popup is about, and what storage says of its switch before the worker is awake.

import { decodeCell } from '../core/state/cell.ts';
import type { OpenTab } from '../core/state/derive-policy.ts';
import { tabsCell } from '../core/state/tab-records.ts';
import { storedSwitch, type StoredSwitch } from '../core/state/stored-switch.ts';
import { browser } from './browser.ts';
import { toOpenTab } from './open-tab.ts';

/** The tab beside, or the one that the address names where the popup is opened as a page (`?tab=<id>`). Undefined where it is closed by now. */
export async function findTab(): Promise<OpenTab | undefined> {
  const named = new URLSearchParams(location.search).get('tab');
  const tab =
    named !== null && /^\d{1,15}$/.test(named)
      ? await browser.tabs.get(Number(named)).catch(() => undefined)
      : (await browser.tabs.query({ active: true, currentWindow: true }))[0];
  return tab && toOpenTab(tab);
}

/** Never rejects: without it the worker's word is waited for. */
export async function readSwitches(): Promise<(tab: OpenTab) => StoredSwitch | undefined> {
  try {
    const stored = (await browser.storage.session.get(tabsCell.key))[tabsCell.key];
    const { value } = decodeCell(tabsCell, stored);
    return (tab) => storedSwitch(tab, value);
  } catch {
    return () => undefined;
  }
}

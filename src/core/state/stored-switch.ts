// What storage alone says of a tab, for the popup to offer its switch while the worker is still waking: only whether the tab is private at all, and never that it is green.

import { canBePrivate } from './page.ts';
import type { OpenTab } from './derive-policy.ts';
import { modeOf, type TabRecords } from './tab-records.ts';

export type StoredSwitch = {
  tab: number;
  /** Of a tab that cannot be private: that nothing can be switched. */
  is: 'off' | 'on' | 'refused';
};

/** Undefined where only the worker can tell: nothing is stored or it is damaged, the tab is not in it, or its whole window or container may be private. */
export function storedSwitch(tab: OpenTab, records: TabRecords | 'lost' | undefined): StoredSwitch | undefined {
  if (records === undefined || records === 'lost' || tab.incognito || tab.container !== undefined) return undefined;
  const mode = modeOf(records, tab.id);
  if (mode === 'unknown') return undefined;
  if (mode === 'private') return { tab: tab.id, is: 'on' };
  return { tab: tab.id, is: canBePrivate(tab.pendingUrl ?? tab.url) ? 'off' : 'refused' };
}

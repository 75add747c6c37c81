// The browser's storage, as src/platform/storage.ts takes it: `local` outlives the browser, `session` is memory that outlives the worker.

import { browser } from './browser.ts';
import type { StorageAreas } from './storage.ts';

export function storageAreas(): StorageAreas {
  return { local: browser.storage.local, session: browser.storage.session };
}

/** `storage.StorageArea.setAccessLevel` of Chrome, which the polyfill's types lack. */
type Closable = { setAccessLevel?: (level: { accessLevel: 'TRUSTED_CONTEXTS' }) => Promise<void> };

/**
 * Scripts in web pages read nothing that is stored: Chrome lets them read `local` unless it is told otherwise, and none of ours does. Firefox has no
 * such call; there `session` is closed to them, and in `local` the secrets are encrypted. To be called at every start.
 */
export async function closeStorageToPages(): Promise<void> {
  for (const area of [browser.storage.local, browser.storage.session] as Closable[]) {
    await area.setAccessLevel?.({ accessLevel: 'TRUSTED_CONTEXTS' });
  }
}

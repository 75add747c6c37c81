// The browser's storage, as src/platform/storage.ts takes it: `local` outlives the browser, `session` is memory that outlives the worker.

import { browser } from './browser.ts';
import type { StorageAreas } from './storage.ts';

export function storageAreas(): StorageAreas {
  return { local: browser.storage.local, session: browser.storage.session };
}

// Firefox's containers: each private tab that asks for one gets a fresh one, with cookies of its own. Chrome has none.

import type { Containers } from '../ports/host.ts';
import { browser, hasContainers } from './browser.ts';

/** What the person reads on the tab and in the browser's list of containers. */
const LOOK = { name: 'Private tab', color: 'green', icon: 'fingerprint' } as const;

export const containers: Containers = {
  get exist() {
    return hasContainers();
  },
  create: async () => (await browser.contextualIdentities.create(LOOK)).cookieStoreId,
  remove: async (container) => {
    // Rejects where it is gone, and where containers were turned off meanwhile: the browser has closed their tabs then.
    await browser.contextualIdentities.remove(container).catch(() => undefined);
  },
};

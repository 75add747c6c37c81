// Firefox's containers: each private tab that asks for one gets a fresh one, with cookies of its own. Chrome has none.

import type { Containers } from '../ports/host.ts';
import type { Words } from '../ports/words.ts';
import { browser, hasContainers } from './browser.ts';

const LOOK = { color: 'green', icon: 'fingerprint' } as const;

/** Their name is read on the tab and in the browser's list of containers. */
export const createContainers = (words: Words): Containers => ({
  get exist() {
    return hasContainers();
  },
  create: async () => {
    const name = words.say('worker_container');
    return (await browser.contextualIdentities.create({ ...LOOK, name })).cookieStoreId;
  },
  remove: async (container) => {
    // Rejects where it is gone, and where containers were turned off meanwhile: the browser has closed their tabs then.
    await browser.contextualIdentities.remove(container).catch(() => undefined);
  },
});

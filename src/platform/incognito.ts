// The browser's private windows: whether the extension is let into them, and where the person can change that.

import type { Incognito } from '../ports/host.ts';
import { browser } from './browser.ts';

export const incognito: Incognito = {
  isAllowed: () => browser.extension.isAllowedIncognitoAccess(),
  openSettings: async () => {
    // Firefox opens no page of its own for an extension; there the popup's words have to do.
    await browser.tabs.create({ url: `chrome://extensions/?id=${browser.runtime.id}` }).catch(() => undefined);
  },
};

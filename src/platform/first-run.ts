// The page of the first run: when the browser says that the extension is new, and how the page is opened.

import type { FirstRunPage } from '../ports/host.ts';
import { browser } from './browser.ts';
import { OPTIONS_PAGE } from './extension-pages.ts';

export const firstRunPage: FirstRunPage = {
  onInstalled: (listener) =>
    // Not for updates: whoever has it knows it.
    browser.runtime.onInstalled.addListener(({ reason }) => {
      if (reason === 'install') listener();
    }),
  open: async () => {
    await browser.tabs.create({ url: `${browser.runtime.getURL(OPTIONS_PAGE)}#/welcome` });
  },
};

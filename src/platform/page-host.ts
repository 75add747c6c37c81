// What the views in a tab (options, first run) need of the browser beside the worker: shortcuts, permissions of the extension, a first tab. They get it
// through their shell (popup/shell.ts), so that tests give another one.

import type { PopupSnapshot } from '../core/state/snapshot.ts';
import { browser, hasProxyListener } from './browser.ts';
import { watchTab } from './messaging.ts';

/** `keys`: as the browser writes them; '' where it gave none. `what`: the manifest's words, in the browser's language. */
export type Shortcut = { what: string; keys: string };

export type PageHost = {
  readonly version: string;
  /** Which names the browser's own settings have. */
  readonly isFirefox: boolean;
  shortcuts(): Promise<Shortcut[]>;
  /** Opens the browser's page on which they are changed. */
  openShortcuts(): Promise<void>;
  copy(text: string): Promise<void>;
  /** Whether the browser lets the extension see all sites, which Firefox's person may take back: without it nothing can be steered. */
  hasSites(): Promise<boolean>;
  /** To be called in the click itself. */
  askForSites(): Promise<boolean>;
  /** Whether the browser lets the extension show notifications; it is asked for where the person wants them. */
  mayNotify(): Promise<boolean>;
  /** To be called in the click itself. */
  askToNotify(): Promise<boolean>;
  /** A blank tab that is not looked at yet; undefined where the browser opened none. */
  openBlank(): Promise<number | undefined>;
  show(tab: number): Promise<void>;
  /** The state of a tab, now and whenever it changes. Returns how to stop. */
  watch(tab: number, push: (snapshot: PopupSnapshot) => void): () => void;
};

const ALL_SITES = { origins: ['<all_urls>'] };
const NOTICES: { permissions: 'notifications'[] } = { permissions: ['notifications'] };

export function createPageHost(): PageHost {
  return {
    version: browser.runtime.getManifest().version,
    isFirefox: hasProxyListener(),
    shortcuts: async () =>
      // Chrome lists the button too, which has no words.
      (await browser.commands.getAll()).flatMap(({ description, shortcut }) =>
        description === undefined || description === '' ? [] : [{ what: description, keys: shortcut ?? '' }],
      ),
    openShortcuts: async () => {
      // Firefox 137, which the polyfill's types lack; Chrome has a page.
      const { openShortcutSettings } = browser.commands as { openShortcutSettings?: () => Promise<void> };
      if (openShortcutSettings === undefined) await browser.tabs.create({ url: 'chrome://extensions/shortcuts' });
      else await openShortcutSettings.call(browser.commands);
    },
    copy: (text) => navigator.clipboard.writeText(text),
    hasSites: () => browser.permissions.contains(ALL_SITES),
    askForSites: () => browser.permissions.request(ALL_SITES),
    mayNotify: () => browser.permissions.contains(NOTICES),
    askToNotify: () => browser.permissions.request(NOTICES),
    openBlank: async () => (await browser.tabs.create({ url: 'about:blank', active: false })).id,
    show: async (tab) => {
      await browser.tabs.update(tab, { active: true });
    },
    watch: watchTab,
  };
}

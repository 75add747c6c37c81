// The context menus: a link, or a new tab, that is private before its first request. Must be called in the first tick.

import { webHost } from '../core/state/page.ts';
import type { Words } from '../ports/words.ts';
import { browser, hasContainers } from './browser.ts';

/** Ids of the menu entries; entries of other features take others. */
const LINK = 'open-link-in-private-tab';
const LINK_IN_CONTAINER = 'open-link-in-private-container-tab';

type OpenPrivate = (how: { url: string | undefined; beside: number | undefined; container: boolean }) => void;

export function listenToMenus(openPrivate: OpenPrivate, words: Words, report: (error: unknown) => void): void {
  const create = (): void => void createMenus(words).catch(report);
  // Chrome keeps entries until the extension is updated, Firefox's event page until the browser ends.
  browser.runtime.onInstalled.addListener(create);
  browser.runtime.onStartup.addListener(create);
  browser.contextMenus.onClicked.addListener(({ menuItemId, linkUrl }, tab) => {
    if (menuItemId !== LINK && menuItemId !== LINK_IN_CONTAINER) return;
    // The page made the link: anything but the web would run or show something else than a page of it.
    if (webHost(linkUrl) === undefined) return;
    openPrivate({ url: linkUrl, beside: tab?.id, container: menuItemId === LINK_IN_CONTAINER });
  });
}

/** Anew where they are there already: the words may be of another language since. */
export async function createMenus(words: Words): Promise<void> {
  const onLinks = { contexts: ['link' as const], targetUrlPatterns: ['http://*/*', 'https://*/*'] };
  await add({ ...onLinks, id: LINK, title: words.say('worker_menu_link') });
  if (hasContainers()) {
    await add({ ...onLinks, id: LINK_IN_CONTAINER, title: words.say('worker_menu_link_container') });
  }
}

/** Twice is no mistake: an entry that is there already is made anew. */
async function add(entry: Parameters<typeof browser.contextMenus.create>[0] & { id: string }): Promise<void> {
  await browser.contextMenus.remove(entry.id).catch(() => undefined);
  browser.contextMenus.create(entry);
}

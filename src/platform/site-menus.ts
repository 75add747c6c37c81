// The page's context menu about its site: a rule that it is always private, and, on sites that have a rule, the way back. Must be called in the first tick.

import type { MessageKey } from '../core/text/text.ts';
import { parseHost } from '../core/routing/host.ts';
import type { SiteRule } from '../core/routing/site-rule.ts';
import type { SiteMenu } from '../ports/host.ts';
import { browser } from './browser.ts';

/** Ids of the menu entries; entries of other features take others. */
const ALWAYS = 'site-always-private';
const REMOVE = 'site-remove-rule';

const WEB_PAGES = ['http://*/*', 'https://*/*'];

export function listenToSiteMenus(
  chosen: (url: string, wanted: boolean) => void,
  report: (error: unknown) => void,
): void {
  const create = (): void => void add(ALWAYS, 'worker_menu_site_always', WEB_PAGES).catch(report);
  browser.runtime.onInstalled.addListener(create);
  browser.runtime.onStartup.addListener(create);
  browser.contextMenus.onClicked.addListener(({ menuItemId }, tab) => {
    if ((menuItemId !== ALWAYS && menuItemId !== REMOVE) || tab?.url === undefined) return;
    chosen(tab.url, menuItemId === ALWAYS);
  });
}

export function createSiteMenu(): SiteMenu {
  /** As of what rules; undefined in a worker that has just started. */
  let shown: string | undefined;
  return {
    show: async (rules) => {
      const next = JSON.stringify(rules.map(({ host }) => host));
      if (shown === next) return;
      shown = next;
      if (rules.length === 0) await browser.contextMenus.remove(REMOVE).catch(() => undefined);
      else await add(REMOVE, 'worker_menu_site_remove', rules.map(patternOf));
    },
  };
}

/** A host and what is below it; an address has nothing below it. */
function patternOf({ host }: SiteRule): string {
  return parseHost(host)?.kind === 'name' ? `*://*.${host}/*` : `*://${host}/*`;
}

/** Twice is no mistake: an entry that is there already is made anew. */
async function add(id: string, key: MessageKey, documentUrlPatterns: string[]): Promise<void> {
  await browser.contextMenus.remove(id).catch(() => undefined);
  browser.contextMenus.create({ id, title: browser.i18n.getMessage(key), contexts: ['page'], documentUrlPatterns });
}

// The page's context menu about its site: a rule that it is always private, and, on sites that have a rule, the way back. Must be called in the first tick.

import { parseHost } from '../core/routing/host.ts';
import type { SiteRule } from '../core/routing/site-rule.ts';
import type { SiteMenu } from '../ports/host.ts';
import type { Words } from '../ports/words.ts';
import { browser } from './browser.ts';

/** Ids of the menu entries; entries of other features take others. */
const ALWAYS = 'site-always-private';
const REMOVE = 'site-remove-rule';

const WEB_PAGES = ['http://*/*', 'https://*/*'];

export function listenToSiteMenus(
  chosen: (url: string, wanted: boolean) => void,
  words: Words,
  report: (error: unknown) => void,
): void {
  const create = (): void => void addAlways(words).catch(report);
  browser.runtime.onInstalled.addListener(create);
  browser.runtime.onStartup.addListener(create);
  browser.contextMenus.onClicked.addListener(({ menuItemId }, tab) => {
    if ((menuItemId !== ALWAYS && menuItemId !== REMOVE) || tab?.url === undefined) return;
    chosen(tab.url, menuItemId === ALWAYS);
  });
}

/** `speak`: both entries in the words of now. */
export function createSiteMenu(words: Words): SiteMenu & { speak: () => Promise<void> } {
  /** As of what rules; undefined in a worker that has just started. */
  let shown: string | undefined;
  let patterns: string[] = [];
  const draw = async (): Promise<void> => {
    if (patterns.length === 0) await browser.contextMenus.remove(REMOVE).catch(() => undefined);
    else await add(REMOVE, words.say('worker_menu_site_remove'), patterns);
  };
  return {
    show: async (rules) => {
      const next = JSON.stringify(rules.map(({ host }) => host));
      if (shown === next) return;
      shown = next;
      patterns = rules.map(patternOf);
      await draw();
    },
    speak: async () => {
      await addAlways(words);
      await draw();
    },
  };
}

const addAlways = (words: Words): Promise<void> => add(ALWAYS, words.say('worker_menu_site_always'), WEB_PAGES);

/** A host and what is below it; an address has nothing below it. */
function patternOf({ host }: SiteRule): string {
  return parseHost(host)?.kind === 'name' ? `*://*.${host}/*` : `*://${host}/*`;
}

/** Twice is no mistake: an entry that is there already is made anew. */
async function add(id: string, title: string, documentUrlPatterns: string[]): Promise<void> {
  await browser.contextMenus.remove(id).catch(() => undefined);
  browser.contextMenus.create({ id, title, contexts: ['page'], documentUrlPatterns });
}

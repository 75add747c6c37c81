// Global Privacy Control, WebRTC's absence and the mark, by the browser's means: header rules, a script registered while something is private, and scripts
// injected into documents. Built in background/main.ts.

import { GPC_RULE_IDS, gpcRules } from '../core/routing/gpc-rules.ts';
import type { PageSignals } from '../ports/page-signals.ts';
import { browser, chromeApi, firefoxRuleApi, hasProxyListener } from './browser.ts';

const EARLY_SCRIPT = 'gpc-early';

/** Chrome alone needs the second of each pair: Firefox holds all of WebRTC back by its policy. */
function scriptsOf(isFirefox: boolean, when: 'early' | 'late'): string[] {
  return [`content/gpc-${when}.js`, ...(isFirefox ? [] : [`content/peers-${when}.js`])];
}

export function createPageSignals(): PageSignals {
  const isFirefox = hasProxyListener();
  const rules = isFirefox ? firefoxRuleApi() : chromeApi().declarativeNetRequest;
  const surroundings = { resourceTypes: Object.values(rules.ResourceType), storesChangedHeaders: isFirefox };

  return {
    announce: async (policy) => {
      await rules.updateSessionRules({
        removeRuleIds: [...GPC_RULE_IDS],
        addRules: gpcRules(policy, surroundings),
      });
      const isRegistered = (await browser.scripting.getRegisteredContentScripts({ ids: [EARLY_SCRIPT] })).length > 0;
      if (policy.active && !isRegistered) await registerEarlyScript(scriptsOf(isFirefox, 'early'));
      if (!policy.active && isRegistered) {
        await browser.scripting.unregisterContentScripts({ ids: [EARLY_SCRIPT] });
      }
    },
    announceTo: (tabId, frame) =>
      inject({ target: { tabId, frameIds: [frame] }, files: scriptsOf(isFirefox, 'late'), world: 'MAIN' }),
    mark: (tabId) => inject({ target: { tabId }, files: ['content/mark.js'] }),
    unmark: (tabId) => inject({ target: { tabId }, files: ['content/unmark.js'] }),
  };
}

/** Calls back for every document that comes into a tab, frames too. Must be called in the first tick. */
export function listenToDocuments(came: (tab: number, frame: number) => void): void {
  browser.webNavigation.onCommitted.addListener(({ tabId, frameId }) => came(tabId, frameId));
}

async function registerEarlyScript(js: string[]): Promise<void> {
  const script = {
    id: EARLY_SCRIPT,
    js,
    matches: ['<all_urls>'],
    allFrames: true,
    // about:blank and srcdoc are their maker's documents.
    matchOriginAsFallback: true,
    runAt: 'document_start' as const,
    world: 'MAIN' as const,
    persistAcrossSessions: false,
  };
  await browser.scripting.registerContentScripts([script]);
}

type Injection = Parameters<typeof browser.scripting.executeScript>[0];

/** Documents go away between two calls, and the browser's own pages take no script: neither is an error. */
async function inject(injection: Injection): Promise<void> {
  try {
    await browser.scripting.executeScript({ ...injection, injectImmediately: true });
  } catch {
    return;
  }
}

// The one place that names the browser: the polyfilled API for both, and the parts of Chrome's that the polyfill's types lack.
// Importing it outside of an extension throws, so nothing that tests run in Node may reach it but through an adapter's argument.

import browser, { type Types } from 'webextension-polyfill';

export { browser };

/** `chrome.declarativeNetRequest.Rule`; what a condition may hold is for whoever writes rules. */
export type DeclarativeRule = { id: number };

export type RuleUpdate<Rule extends DeclarativeRule> = { removeRuleIds: number[]; addRules: Rule[] };

export type RuleApi = {
  /** Name to value of every resource type this browser knows. */
  ResourceType: Record<string, string>;
  getDynamicRules(): Promise<DeclarativeRule[]>;
  getSessionRules(): Promise<DeclarativeRule[]>;
  updateDynamicRules<Rule extends DeclarativeRule>(update: RuleUpdate<Rule>): Promise<void>;
  updateSessionRules<Rule extends DeclarativeRule>(update: RuleUpdate<Rule>): Promise<void>;
};

export type ChromeApi = { proxy: { settings: Types.Setting }; declarativeNetRequest: RuleApi };

/** Chrome's own API, with promises (Manifest V3). Only for adapters that run on Chrome. */
export function chromeApi(): ChromeApi {
  return (globalThis as unknown as { chrome: ChromeApi }).chrome;
}

/** Firefox's blocking rules, which the polyfill's types lack. Only for adapters that run on Firefox. */
export function firefoxRuleApi(): RuleApi {
  return (browser as unknown as { declarativeNetRequest: RuleApi }).declarativeNetRequest;
}

/** Firefox's containers. Their permission makes the API appear. */
export function hasContainers(): boolean {
  return 'contextualIdentities' in browser;
}

/** Firefox asks per request which proxy to take; Chrome has no such event. */
export function hasProxyListener(): boolean {
  return 'onRequest' in browser.proxy;
}

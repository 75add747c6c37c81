// Makes Chromium read its administrator's policies now: a file that changes is seen in the browser's own time, and its page of policies
// asks for it at once. Called by the tests that change policies while the browser runs.

import { delay, type DrivenBrowser } from '../../../devnet/browsers/driven-browser.ts';

/** The extension may load a new tab again while it finds its place, so that one attempt may be lost; each takes well under a second. */
const ATTEMPTS = 20;
const BETWEEN_MS = 250;

const ASK = `typeof chrome?.send === 'function' && (chrome.send('reloadPolicies'), true)`;

/** Throws when the page never took the request. */
export async function reloadPolicies(browser: Pick<DrivenBrowser, 'openTab'>): Promise<void> {
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const page = await browser.openTab('chrome://policy/').catch(() => undefined);
    const sent = await page?.evaluate(ASK).catch(() => false);
    await page?.close();
    if (sent === true) return;
    await delay(BETWEEN_MS);
  }
  throw new Error('the page of policies did not take the request');
}

// The two clicks that everything is about, as a person makes them: the switch in the popup, on and off.

import { delay, WAIT_MS, type DrivenBrowser, type DrivenPopup, type DrivenTab } from './browsers/driven-browser.ts';
import { messageOf } from './errors.ts';

/** What the button says (background/badges.ts). */
export const BADGE = { off: '', connecting: '…', private: 'ON', blocked: '!' } as const;

/** Disabled until the popup knows what the tab is: a click before that would be lost. */
export const SWITCH = '[role="switch"]:enabled';
const POLL_MS = 50;

/** Opens the popup of `tab`, clicks the switch and waits until the button says `wanted`. The popup stays open. */
export async function setPrivate(browser: DrivenBrowser, tab: DrivenTab, wanted: boolean): Promise<DrivenPopup> {
  const popup = await browser.openPopup(tab);
  await popup.waitFor(`document.querySelector('${SWITCH}')?.getAttribute('aria-checked') === '${String(!wanted)}'`);
  await popup.click(SWITCH);
  try {
    await waitForBadge(browser, tab, wanted ? BADGE.private : BADGE.off);
  } catch (error) {
    throw new Error(`${messageOf(error)}; the popup says: ${(await popup.text()).replace(/\s+/g, ' ')}`, {
      cause: error,
    });
  }
  return popup;
}

/** Waits until the button of `tab` says `text`; the error names what it said instead. */
export async function waitForBadge(
  browser: DrivenBrowser,
  tab: DrivenTab,
  text: string,
  timeoutMs = WAIT_MS,
): Promise<void> {
  const deadline = Date.now() + timeoutMs;
  let badge = await browser.badge(tab);
  while (badge.text !== text) {
    if (Date.now() > deadline) {
      throw new Error(
        `the button never said "${text}" within ${timeoutMs} ms: it says "${badge.text}", ${badge.title}`,
      );
    }
    await delay(POLL_MS);
    badge = await browser.badge(tab);
  }
}

/** The address that the site wrote at the top of its page, once it differs from `before` (if given). */
export async function addressShown(tab: DrivenTab, before?: string): Promise<string> {
  const shown = "document.querySelector('#address')?.textContent";
  return String(
    await tab.waitFor(before === undefined ? shown : `${shown} !== undefined && ${shown} !== '${before}' && ${shown}`),
  );
}

// A tab of a driven Chromium, and the verbs of its pages. Called by chromium.ts alone.

import type { Frame, Page } from 'playwright-core';
import { messageOf } from '../errors.ts';
import { delay, HANG_MS, WAIT_MS, waitForTruthy, within, type DrivenPopup, type DrivenTab } from './driven-browser.ts';

/** The extension may load a new tab again several times while it finds its place. */
const TURNS = 5;
/** Bounds a hang. */
const STAND_IN_MS = 1000;
/** Many times what a loaded machine takes. */
const CLOSE_MS = 10_000;
/** Playwright's words for a page that came late: the error page of the navigation before, or the blank one of a new tab. */
const BY_A_LATE_PAGE = /interrupted by another navigation to "(?:chrome-error:|about:blank")/;

async function goTo(page: Page, url: string): Promise<string | undefined> {
  // What stands in for a page comes a moment after it has failed, and would end whatever is asked of the tab meanwhile.
  let arrive = (): void => undefined;
  const standIn = new Promise<void>((resolve) => (arrive = resolve));
  const watch = (frame: Frame): void => {
    if (frame === page.mainFrame() && /^chrome-(?:error|extension):/.test(frame.url())) arrive();
  };
  page.on('framenavigated', watch);
  try {
    await page.goto(url, { timeout: WAIT_MS });
    return undefined;
  } catch (error) {
    const failure = firstLine(messageOf(error));
    const comes = failure.includes('net::ERR_') && !failure.includes('ERR_ABORTED');
    if (comes) await Promise.race([standIn, delay(STAND_IN_MS)]);
    return failure;
  } finally {
    page.off('framenavigated', watch);
  }
}

/** @param remove closes the tab by the extension's way */
export function createTab(id: number, page: Page, remove: (id: number) => Promise<void>): DrivenTab {
  return {
    id,
    ...pageVerbs(page),
    close: async () => {
      // A tab whose page is just being replaced (by the browser's error page, by our held page) now and then does not hear of it.
      await within(page.close(), CLOSE_MS).catch(() => remove(id));
    },
    open: async (url) => {
      let failure = await goTo(page, url);
      for (let turn = 1; turn < TURNS && failure !== undefined && BY_A_LATE_PAGE.test(failure); turn++)
        failure = await goTo(page, url);
      return failure;
    },
    activate: () => within(page.bringToFront(), HANG_MS, 'bringing a tab to the front'),
  };
}

export function createPopupPage(page: Page): DrivenPopup {
  return { real: false, ...pageVerbs(page), click: (selector) => page.click(selector, { timeout: WAIT_MS }) };
}

export function pageVerbs(page: Page): Pick<DrivenTab, 'evaluate' | 'waitFor' | 'text' | 'screenshot' | 'close'> {
  const evaluate = (expression: string): Promise<unknown> => within(page.evaluate(expression), WAIT_MS);
  return {
    evaluate,
    waitFor: (expression, timeoutMs) => waitForTruthy(evaluate, expression, timeoutMs),
    text: async () => String(await evaluate('document.body.innerText')),
    screenshot: async (path) => {
      await page.screenshot({ path });
    },
    close: () => within(page.close(), HANG_MS, 'closing a tab'),
  };
}

export function firstLine(text: string): string {
  return text.split('\n', 1)[0] ?? '';
}

// What sites answer for whole pages: that one was asked for, and whether the site turned the visitor away. Of all headers two are looked at, and
// of the URL only the host leaves this file. Must be called in the first tick.

import { webHost } from '../core/state/page.ts';
import { isRefusal } from '../core/state/site-trouble.ts';
import type { PageAnswers } from '../ports/tabs.ts';
import { browser } from './browser.ts';

const PAGES = { urls: ['http://*/*', 'https://*/*'], types: ['main_frame' as const] };

export function listenToPageAnswers({ asked, answered, failed }: PageAnswers): void {
  const { webRequest } = browser;
  webRequest.onSendHeaders.addListener(({ tabId, timeStamp }) => {
    if (tabId >= 0) asked(tabId, Math.round(timeStamp));
  }, PAGES);
  webRequest.onHeadersReceived.addListener(
    ({ tabId, url, statusCode, responseHeaders = [] }) => {
      const host = webHost(url);
      if (tabId < 0 || host === undefined) return undefined;
      const header = (wanted: string): string | undefined =>
        responseHeaders.find(({ name }) => name.toLowerCase() === wanted)?.value;
      answered(tabId, host, isRefusal(statusCode, header));
      return undefined;
    },
    PAGES,
    ['responseHeaders'],
  );
  webRequest.onErrorOccurred.addListener(({ tabId }) => {
    if (tabId >= 0) failed(tabId);
  }, PAGES);
}

// What can go wrong with a tab, in words. Those of the wallet and of payments come with their views (words.ts): the first view has to be small.

import type { BeginErrorCode } from '../src/core/directory/begin-error.ts';
import { isSiteErrorCode, siteErrorWords, type SiteErrorCode } from '../src/core/state/site-error.ts';
import type { PaymentProblem } from '../src/core/payment/payment-problem.ts';
import type { WalletErrorCode } from '../src/core/wallet/wallet-error.ts';
import type { MessageErrorCode } from '../src/messages/protocol.ts';
import { say } from '../src/text/translate.ts';

export type TabErrorCode = Exclude<MessageErrorCode, WalletErrorCode | PaymentProblem | BeginErrorCode | SiteErrorCode>;

export const TAB_ERROR_WORDS: Readonly<Record<TabErrorCode, string>> = {
  malformed: 'The extension did not understand this. Please report it.',
  forbidden: 'This page may not change private tabs.',
  stale: 'The extension was updated. Close this and open it again.',
  'no-tab': 'This tab is no longer open.',
  'not-a-web-page': 'Pages of the browser and of extensions cannot be private.',
  'always-private': 'Everything in this window or container is private. Close the tab to end it.',
  'incognito-not-allowed': 'The browser does not let the extension into its private windows.',
  'containers-off':
    'Containers are turned off in this browser. Turn on “Enable Container Tabs” in its settings, under “Tabs”.',
  'no-other-exit': 'No other exit can be reached now. This tab stays on the one it has.',
  'none-fresh':
    'Every circuit was used before, so none could keep the two apart. After a restart of the browser there are some again.',
  'cannot-turn-off':
    'The browser does not let it be turned off here. Its page of extensions may, or your administrator.',
  internal: 'The extension failed to answer. Please try again.',
};

/** A code that no message about a tab is answered with reads as a fault, which it is. */
export function tabErrorWords(code: MessageErrorCode): string {
  if (isSiteErrorCode(code)) return say(siteErrorWords(code));
  return isTabError(code) ? TAB_ERROR_WORDS[code] : TAB_ERROR_WORDS.internal;
}

function isTabError(code: MessageErrorCode): code is TabErrorCode {
  return code in TAB_ERROR_WORDS;
}

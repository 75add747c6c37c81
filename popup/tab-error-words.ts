// What can go wrong with a tab, in words. Those of the wallet and of payments come with their views (words.ts): the first view has to be small.

import type { BeginErrorCode } from '../src/core/directory/begin-error.ts';
import type { PaymentProblem } from '../src/core/payment/payment-problem.ts';
import type { MessageKey } from '../src/core/text/text.ts';
import type { WalletErrorCode } from '../src/core/wallet/wallet-error.ts';
import type { MessageErrorCode } from '../src/messages/protocol.ts';
import { t } from '../src/text/translate.ts';

export type TabErrorCode = Exclude<MessageErrorCode, WalletErrorCode | PaymentProblem | BeginErrorCode>;

export const TAB_ERROR_WORDS: Readonly<Record<TabErrorCode, MessageKey>> = {
  malformed: 'error_malformed',
  forbidden: 'error_forbidden',
  stale: 'error_stale',
  'no-tab': 'error_no_tab',
  'not-a-web-page': 'error_not_a_web_page',
  'always-private': 'error_always_private',
  'incognito-not-allowed': 'error_incognito_not_allowed',
  'containers-off': 'error_containers_off',
  'no-other-exit': 'error_no_other_exit',
  'none-fresh': 'error_none_fresh',
  'cannot-turn-off': 'error_cannot_turn_off',
  internal: 'error_internal',
};

/** A code that no message about a tab is answered with reads as a fault, which it is. */
export function tabErrorWords(code: MessageErrorCode): string {
  return t(isTabError(code) ? TAB_ERROR_WORDS[code] : TAB_ERROR_WORDS.internal);
}

function isTabError(code: MessageErrorCode): code is TabErrorCode {
  return code in TAB_ERROR_WORDS;
}

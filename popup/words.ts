// Every code that the worker can answer with, in words for the person. Part of what is loaded with the wallet.

import { BEGIN_ADVICE } from '../src/core/directory/begin-advice.ts';
import { PAYMENT_ADVICE } from '../src/core/payment/payment-problem.ts';
import { WALLET_ADVICE } from '../src/core/wallet/wallet-error.ts';
import type { MessageErrorCode } from '../src/messages/protocol.ts';
import { t } from '../src/text/translate.ts';
import { TAB_ERROR_WORDS, type TabErrorCode } from './tab-error-words.ts';

const tabErrors = Object.fromEntries(Object.entries(TAB_ERROR_WORDS).map(([code, key]) => [code, t(key)])) as Record<
  TabErrorCode,
  string
>;

export const ERROR_WORDS: Readonly<Record<MessageErrorCode, string>> = {
  ...tabErrors,
  ...WALLET_ADVICE,
  ...PAYMENT_ADVICE,
  ...BEGIN_ADVICE,
};

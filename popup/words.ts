// Every code that the worker can answer with, but those of sites (src/core/state/site-error.ts), in words for the person. Part of what is loaded with the wallet.

import { BEGIN_ADVICE } from '../src/core/directory/begin-advice.ts';
import type { SiteErrorCode } from '../src/core/state/site-error.ts';
import { PAYMENT_ADVICE } from '../src/core/payment/payment-problem.ts';
import { WALLET_ADVICE } from '../src/core/wallet/wallet-error.ts';
import type { MessageErrorCode } from '../src/messages/protocol.ts';
import { TAB_ERROR_WORDS } from './tab-error-words.ts';

export const ERROR_WORDS: Readonly<Record<Exclude<MessageErrorCode, SiteErrorCode>, string>> = {
  ...TAB_ERROR_WORDS,
  ...WALLET_ADVICE,
  ...PAYMENT_ADVICE,
  ...BEGIN_ADVICE,
};

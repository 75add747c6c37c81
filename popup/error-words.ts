// Every code that the worker can answer with, in words for the person. Part of what is loaded with the wallet.

import { BEGIN_ADVICE } from '../src/core/directory/begin-advice.ts';
import { PAYMENT_ADVICE } from '../src/core/payment/payment-advice.ts';
import { WALLET_ADVICE } from '../src/core/wallet/wallet-error.ts';
import type { SiteErrorCode } from '../src/core/state/site-error.ts';
import type { MessageKey } from '../src/core/text/text.ts';
import type { MessageErrorCode } from '../src/messages/protocol.ts';
import { t } from '../src/text/translate.ts';
import { EXIT_ADVICE } from './exits/exit-advice.ts';
import { tabErrorWords, type TabErrorCode } from './tab-error-words.ts';

const ADVICE: Readonly<Record<Exclude<MessageErrorCode, TabErrorCode | SiteErrorCode>, MessageKey>> = {
  ...WALLET_ADVICE,
  ...PAYMENT_ADVICE,
  ...BEGIN_ADVICE,
  ...EXIT_ADVICE,
};

export function errorWords(code: MessageErrorCode): string {
  return code in ADVICE ? t(ADVICE[code as keyof typeof ADVICE]) : tabErrorWords(code);
}

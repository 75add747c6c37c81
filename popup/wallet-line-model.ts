// What the first view says of money: one line, and before all else what waits for the person's word. Pure.

import type { PaymentStatus } from '../src/core/payment/payment-status.ts';
import { t } from '../src/text/translate.ts';
import { showMoney } from './money.ts';
import type { Route } from './route.ts';

/** `waits`: shown first, with the way to where it is answered. */
export type WalletLineModel = { money: string; waits: { words: string; way: string; to: Route } | undefined };

export function toWalletLine(status: PaymentStatus | undefined): WalletLineModel {
  return { money: moneyWords(status), waits: status === undefined ? undefined : waiting(status) };
}

function moneyWords(status: PaymentStatus | undefined): string {
  if (status === undefined) return '…';
  const { balance, network } = status;
  if (balance.is === 'known') return showMoney(balance.amount, network);
  if (balance.why === 'no-wallet') return t('wallet_line_none');
  return balance.why === 'locked' ? t('wallet_line_locked') : t('wallet_line_unknown');
}

function waiting({ deposit, price, needsDeposit, low, network }: PaymentStatus): WalletLineModel['waits'] {
  if (deposit !== null) {
    const { message, payee } = deposit;
    return {
      words: t('wallet_waits_deposit', { money: showMoney(message.value, network), operator: payee.operator }),
      way: t('wallet_waits_deposit_way'),
      to: 'wallet/question',
    };
  }
  if (price !== null) {
    return {
      words: t('wallet_waits_price', { operator: price.payee.operator }),
      way: t('wallet_waits_price_way'),
      to: 'wallet/question',
    };
  }
  const to = 'wallet/deposit';
  if (needsDeposit) return { words: t('pay_deposit_needed'), way: t('wallet_waits_needed_way'), to };
  if (low === null) return undefined;
  const words = t('pay_deposit_low', { left: showMoney(low.left, network), operator: low.payee.operator });
  return { words, way: low.isTopUp ? t('pay_deposit_low_top_up') : t('pay_deposit_low_another'), to };
}

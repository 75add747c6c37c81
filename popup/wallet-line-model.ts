// What the first view says of money: one line, and before all else what waits for the person's word. Pure.

import type { PaymentStatus } from '../src/core/payment/payment-status.ts';
import { showMoney } from './money.ts';
import type { Route } from './route.ts';

/** `waits`: shown first, with the way to where it is answered. */
export type WalletLineModel = { money: string; waits: { words: string; way: string; to: Route } | undefined };

export const WALLET_LINE_WORDS = { wallet: 'Wallet', deposit: 'Deposit' } as const;

export function toWalletLine(status: PaymentStatus | undefined): WalletLineModel {
  return { money: moneyWords(status), waits: status === undefined ? undefined : waiting(status) };
}

function moneyWords(status: PaymentStatus | undefined): string {
  if (status === undefined) return '…';
  const { balance, network } = status;
  if (balance.is === 'known') return showMoney(balance.amount, network);
  if (balance.why === 'no-wallet') return 'not made yet';
  return balance.why === 'locked' ? 'locked' : 'balance not known';
}

function waiting({ deposit, price, needsDeposit, low, network }: PaymentStatus): WalletLineModel['waits'] {
  if (deposit !== null) {
    const words = `${showMoney(deposit.message.value, network)} would be deposited with the relay of ${deposit.payee.operator}.`;
    return { words, way: 'Look at it', to: 'wallet/question' };
  }
  if (price !== null) {
    return {
      words: `The relay of ${price.payee.operator} is dearer than you wanted.`,
      way: 'Decide',
      to: 'wallet/question',
    };
  }
  const to = 'wallet/deposit';
  if (needsDeposit) return { words: 'Your private tabs need a deposit to go on.', way: 'Make one', to };
  if (low === null) return undefined;
  const words = `${showMoney(low.left, network)} is left with the relay of ${low.payee.operator}.`;
  return { words, way: low.isTopUp ? 'Top it up' : 'Make another deposit', to };
}

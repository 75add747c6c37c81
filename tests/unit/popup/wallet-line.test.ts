// What the first view says of money, and where its links lead.

import { describe, expect, test } from 'vitest';
import { hashOf, parentOf, parseRoute } from '../../../popup/route.ts';
import { toWalletLine } from '../../../popup/wallet-line-model.ts';
import type { PaymentStatus } from '../../../src/core/payment/payment-status.ts';
import { NO_PAYMENTS, QUESTION } from '../../support/payment-values.ts';

const line = (change: Partial<PaymentStatus>): ReturnType<typeof toWalletLine> =>
  toWalletLine({ ...NO_PAYMENTS, ...change });

describe('the line of the wallet', () => {
  test('says the balance, or in a word why there is none', () => {
    expect(toWalletLine(undefined)).toEqual({ money: '…', waits: undefined });
    expect(line({ balance: { is: 'known', amount: '12500000', readAt: 1 } }).money).toBe('12.50 USDC');
    expect(line({}).money).toBe('not made yet');
    expect(line({ balance: { is: 'unknown', why: 'locked' } }).money).toBe('locked');
    expect(line({ balance: { is: 'unknown', why: 'rpcs_disagree' } }).money).toBe('balance not known');
  });

  test('shows what waits for the person’s word before all else, by what would be signed', () => {
    const price = { payee: QUESTION.payee, pricePerGb: '300000', limitPerGb: '200000' };
    expect(line({ deposit: QUESTION, price, needsDeposit: true }).waits).toMatchObject({
      words: '5.00 USDC would be deposited with the relay of birch.',
      to: 'wallet/question',
    });
    const other = { ...QUESTION, message: { ...QUESTION.message, value: '7000000' } };
    expect(line({ deposit: other }).waits?.words).toContain('7.00 USDC');
    expect(line({ price, needsDeposit: true }).waits).toMatchObject({ to: 'wallet/question' });
    expect(line({ needsDeposit: true }).waits).toMatchObject({ to: 'wallet/deposit' });
    expect(line({}).waits).toBeUndefined();
  });
});

describe('where the popup is', () => {
  test('stands in its address, and what leads nowhere leads home', () => {
    expect(parseRoute('#/wallet/deposit')).toBe('wallet/deposit');
    expect(parseRoute(hashOf('wallet'))).toBe('wallet');
    for (const hash of ['', '#', '#/', '#/wallet/', '#/wallet/nothing', '#/toString', '#wallet']) {
      expect(parseRoute(hash)).toBe('home');
    }
  });

  test('has a way back that ends at home', () => {
    expect(parentOf('wallet/export')).toBe('wallet/accounts');
    expect(parentOf('wallet')).toBe('home');
  });
});

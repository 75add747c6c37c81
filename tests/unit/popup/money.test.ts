// Amounts as people read and write them: exact, whatever the amount.

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseMoney, showBytes, showMoney, toDecimal } from '../../../popup/money.ts';
import { MAX_AMOUNT } from '../../../src/core/payment/amount.ts';

const USDC = { symbol: 'USDC', decimals: 6 };

describe('money', () => {
  test.each([
    ['0', '0.00 USDC'],
    ['1', '0.000001 USDC'],
    ['105', '0.000105 USDC'],
    ['1500000', '1.50 USDC'],
    ['2000000', '2.00 USDC'],
    ['1234567', '1.234567 USDC'],
    ['9007199254740993', '9007199254.740993 USDC'],
    [MAX_AMOUNT.toString(), '340282366920938463463374607431768.211455 USDC'],
  ])('of %s base units reads %s', (units, words) => {
    expect(showMoney(units, USDC)).toBe(words);
  });

  test('of a token without decimals, or with 18, is as exact', () => {
    expect(showMoney('12', { symbol: 'T', decimals: 0 })).toBe('12 T');
    expect(showMoney('1', { symbol: 'T', decimals: 18 })).toBe('0.000000000000000001 T');
    expect(showMoney('1', { symbol: 'T', decimals: 1 })).toBe('0.1 T');
  });

  test('that was written reads back as the same amount, for every amount and token', () => {
    const amounts = fc.bigInt({ min: 0n, max: MAX_AMOUNT });
    fc.assert(
      fc.property(amounts, fc.integer({ min: 0, max: 18 }), (amount, decimals) => {
        expect(parseMoney(toDecimal(amount.toString(), decimals), decimals)).toBe(amount.toString());
      }),
    );
  });

  test.each([
    '',
    ' ',
    '.',
    '5.',
    '.5',
    '5,5',
    '-1',
    '+1',
    '1e3',
    '0x10',
    '1 000',
    '1.2345678',
    'five',
    '٥',
    `1${'0'.repeat(39)}`,
  ])('that is written as “%s” is none', (text) => {
    expect(parseMoney(text, 6)).toBeUndefined();
  });

  test('more than the contract can hold is none', () => {
    expect(parseMoney(toDecimal(MAX_AMOUNT.toString(), 6), 6)).toBe(MAX_AMOUNT.toString());
    expect(parseMoney('340282366920938463463374607431768.211456', 6)).toBeUndefined();
  });
});

test.each([
  [0, '0 B'],
  [999, '999 B'],
  [1_000, '1.0 kB'],
  [1_234_567, '1.2 MB'],
  [5e15, '5000.0 TB'],
])('%s bytes read %s', (bytes, words) => {
  expect(showBytes(bytes)).toBe(words);
});

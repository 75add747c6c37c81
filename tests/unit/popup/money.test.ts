// Amounts as people read and write them: exact, whatever the amount.

import fc from 'fast-check';
import { afterEach, describe, expect, test } from 'vitest';
import { parseMoney, showBytes, showMoney, toDecimal } from '../../../popup/money.ts';
import { showDuration } from '../../../popup/times.ts';
import { MAX_AMOUNT } from '../../../src/core/payment/amount.ts';
import { ENGLISH, LANGUAGES, type Language } from '../../../src/core/text/languages.ts';
import { useCatalog } from '../../../src/text/translate.ts';
import { english } from '../../support/english.ts';

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

test.each([
  [0, '0 s'],
  [59, '59 s'],
  [3_600, '1 h'],
  [90_061, '1 d 1 h'],
  [86_400 + 59, '1 d'],
  [3_725, '1 h 2 min'],
])('%s seconds read %s', (seconds, words) => {
  expect(showDuration(seconds)).toBe(words);
});

/** English words, and the numbers of the language. */
function speak(language: Language): void {
  useCatalog({ language, message: english });
}

describe('in another language', () => {
  afterEach(() => speak(ENGLISH));
  const german = LANGUAGES.find(({ tag }) => tag === 'de')!;

  test('money and bytes have its point, and none of their digits is lost', () => {
    speak(german);
    expect(showMoney(MAX_AMOUNT.toString(), USDC)).toBe('340282366920938463463374607431768,211455 USDC');
    expect(showMoney('1', { symbol: 'T', decimals: 18 })).toBe('0,000000000000000001 T');
    expect(showBytes(1_234_567)).toBe('1,2 MB');
  });

  test('every amount keeps every digit, whichever digits the language has', () => {
    const amounts = fc.bigInt({ min: 0n, max: MAX_AMOUNT });
    fc.assert(
      fc.property(amounts, fc.integer({ min: 0, max: 18 }), fc.constantFrom(...LANGUAGES), (amount, decimals, to) => {
        speak(to);
        const digits = showMoney(amount.toString(), { symbol: '', decimals }).replace(/\P{Nd}/gu, '');
        expect(digitsOf(digits, to.tag)).toBe(toDecimal(amount.toString(), decimals).replace('.', ''));
      }),
    );
  });

  test('what stands in a field is read the same everywhere', () => {
    speak(german);
    expect(toDecimal('1500000', 6)).toBe('1.50');
    expect(parseMoney('1.50', 6)).toBe('1500000');
  });
});

/** The digits of a language as those of every keyboard. */
function digitsOf(text: string, tag: string): string {
  const own = Array.from({ length: 10 }, (_, digit) => new Intl.NumberFormat(tag).format(digit));
  return Array.from(text, (digit) => own.indexOf(digit)).join('');
}

// What comes from outside about a channel or a price is read whole or refused by name.

import { describe, expect, test } from 'vitest';
import { checkChannelConfig, parseChannelConfig } from '../../../../src/core/payment/channel.ts';
import { isPaymentError, PaymentError } from '../../../../src/core/payment/payment-error.ts';
import { checkQuoteTime, parseQuote, quotePrice } from '../../../../src/core/payment/quote.ts';

const address = (digit: string) => `0x${digit.repeat(40)}` as const;
const config = {
  payer: address('1'),
  payerAuthorizer: address('2'),
  receiver: address('3'),
  receiverAuthorizer: address('3'),
  token: address('4'),
  withdrawDelay: 86_400,
  salt: `0x${'ab'.repeat(32)}`,
} as const;
const terms = { receiver: address('3'), token: address('4'), withdrawDelay: 86_400 };

/** The code of what a call throws. */
function codeOf(act: () => unknown): string {
  try {
    act();
  } catch (error) {
    if (error instanceof PaymentError) return error.code;
    throw error;
  }
  return 'nothing thrown';
}

describe('a channel config', () => {
  test('is read in one spelling', () => {
    expect(parseChannelConfig(config)).toEqual(config);
    const shouting = { ...config, payer: `0x${'Ab'.repeat(20)}` };
    expect(parseChannelConfig(shouting).payer).toBe(`0x${'ab'.repeat(20)}`);
  });

  test.each([
    ['nothing', undefined],
    ['a list', [config]],
    ['a field too few', { ...config, salt: undefined }],
    ['a field too many', { ...config, note: 1 }],
    ['an address too short', { ...config, payer: '0x11' }],
    ['an address that is no text', { ...config, payer: 17 }],
    ['an address of a megabyte', { ...config, payer: `0x${'1'.repeat(2 ** 20)}` }],
    ['a delay that is no integer', { ...config, withdrawDelay: 86_400.5 }],
    ['a delay beyond uint40', { ...config, withdrawDelay: 2 ** 40 }],
    ['a delay below 0', { ...config, withdrawDelay: -1 }],
    ['a salt without 0x', { ...config, salt: 'ab'.repeat(32) }],
  ])('of another form is refused: %s', (_, value) => {
    expect(codeOf(() => parseChannelConfig(value))).toBe('bad_config');
  });

  test('that a relay can be paid by is taken', () => {
    checkChannelConfig(config, terms);
    checkChannelConfig({ ...config, withdrawDelay: 2_592_000 }, terms);
  });

  test.each([
    ['no key signs vouchers', { payerAuthorizer: address('0') }],
    ['nobody pays', { payer: address('0') }],
    ['somebody else is paid', { receiver: address('5'), receiverAuthorizer: address('5') }],
    ['somebody else may refund what was earned', { receiverAuthorizer: address('5') }],
    ['the relay pays itself', { payer: address('3') }],
    ['it is another token', { token: address('5') }],
    ['the payer can be gone within a day', { withdrawDelay: 86_399 }],
    ['the payer would wait longer than the contract allows', { withdrawDelay: 2_592_001 }],
  ])('is refused where %s', (_, change) => {
    expect(codeOf(() => checkChannelConfig({ ...config, ...change }, terms))).toBe('bad_config');
  });

  test('is refused where the relay asks for a longer delay', () => {
    expect(codeOf(() => checkChannelConfig(config, { ...terms, withdrawDelay: 90_000 }))).toBe('bad_config');
    // A relay that would ask for less does not lower what both need.
    expect(codeOf(() => checkChannelConfig({ ...config, withdrawDelay: 900 }, { ...terms, withdrawDelay: 900 }))).toBe(
      'bad_config',
    );
  });
});

describe('a quote', () => {
  const quote = {
    peerId: '12D3KooWEntry',
    receiver: address('3'),
    token: address('4'),
    withdrawDelay: 86_400,
    minDeposit: 1_000_000n,
    entryPricePerMiB: 31n,
    exitPricePerMiB: 74n,
    incrementBytes: 1_048_576n,
    graceBytes: 1_048_576n,
    validFrom: 1_000,
    validUntil: 4_600,
  };

  test('is read, and costs what both hops cost', () => {
    expect(parseQuote(quote)).toEqual(quote);
    expect(quotePrice(parseQuote(quote))).toBe(105n);
  });

  test.each([
    ['nothing', undefined],
    ['a peer that is none', { ...quote, peerId: 'me and you' }],
    ['nobody to pay', { ...quote, receiver: address('0') }],
    ['a price below nothing', { ...quote, exitPricePerMiB: -1n }],
    ['a price that is a number', { ...quote, exitPricePerMiB: 74 }],
    ['a price beyond reason', { ...quote, entryPricePerMiB: 10n ** 9n + 1n }],
    ['an increment below 1 MiB', { ...quote, incrementBytes: 1_048_575n }],
    ['an increment that risks too much', { ...quote, incrementBytes: 513n * 1_048_576n }],
    ['a grace above one increment', { ...quote, graceBytes: 1_048_577n }],
    ['an increment of a few units', { ...quote, entryPricePerMiB: 1n, exitPricePerMiB: 14n }],
    ['a time that is no integer', { ...quote, validFrom: 999.5 }],
    ['a withdrawal within a day', { ...quote, withdrawDelay: 900 }],
    ['a withdrawal after more than 30 days', { ...quote, withdrawDelay: 2_592_001 }],
    ['a time that ends before it begins', { ...quote, validUntil: 1_000 }],
    ['a time of more than a week', { ...quote, validUntil: 1_000 + 604_801 }],
  ])('with %s is refused', (_, value) => {
    expect(codeOf(() => parseQuote(value))).toBe('bad_quote');
  });

  test('holds within its time, give or take a clock that is ten minutes off', () => {
    const read = parseQuote(quote);
    for (const second of [400, 1_000, 4_599, 5_199]) checkQuoteTime(read, second * 1000);
    for (const second of [399, 5_200]) expect(codeOf(() => checkQuoteTime(read, second * 1000))).toBe('quote_expired');
    expect(codeOf(() => checkQuoteTime(read, 4_600_000, 0))).toBe('quote_expired');
  });
});

test('an error names its code and keeps its cause', () => {
  const error = new PaymentError('bad_sig', 'another key signed it', { cause: 1 });
  expect(isPaymentError(error, 'bad_sig')).toBe(true);
  expect(isPaymentError(error, 'bad_quote')).toBe(false);
  expect(isPaymentError(new Error('bad_sig'), 'bad_sig')).toBe(false);
  expect([error.message, error.cause]).toEqual(['bad_sig: another key signed it', 1]);
});

// What the views of wallet, payments and relays say: each thing that can go wrong has its sentence.

import { describe, expect, test } from 'vitest';
import catalog from '../../../_locales/en/messages.json' with { type: 'json' };
import { errorWords } from '../../../popup/error-words.ts';
import { networkTitle } from '../../../popup/payments/network-title.ts';
import { NETWORKS } from '../../../src/chain/rail/networks.ts';
import { BEGIN_ADVICE } from '../../../src/core/directory/begin-advice.ts';
import { BEGIN_ERRORS } from '../../../src/core/directory/begin-error.ts';
import { PAYMENT_ADVICE } from '../../../src/core/payment/payment-advice.ts';
import { PAYMENT_PROBLEMS } from '../../../src/core/payment/payment-problem.ts';
import { NETWORK_NAMES } from '../../../src/core/payment/payment-status.ts';
import { PASSWORD_CHARACTERS } from '../../../src/core/wallet/password.ts';
import { WALLET_ADVICE, WALLET_ERRORS } from '../../../src/core/wallet/wallet-error.ts';
import { MESSAGE_ERRORS } from '../../../src/messages/protocol.ts';

/** One line that can stand alone. */
const SENTENCE = /^[A-Z].*\.$/;

describe('errors', () => {
  test.each([...MESSAGE_ERRORS])('%s is said in a sentence', (code) => {
    expect(errorWords(code)).toMatch(SENTENCE);
  });

  test.each([
    ['the wallet', WALLET_ERRORS, WALLET_ADVICE],
    ['payments', PAYMENT_PROBLEMS, PAYMENT_ADVICE],
    ['places to begin', BEGIN_ERRORS, BEGIN_ADVICE],
  ] as const)('of %s all have a message of their own kind, and no code beyond them has', (_, codes, advice) => {
    expect(Object.keys(advice).sort()).toEqual([...codes].sort());
    expect(codes.filter((code) => errorWords(code) === errorWords('internal'))).toEqual([]);
  });

  test('of a password that is too short says how long one has to be', () => {
    expect(errorWords('wallet-password-short')).toContain(`at least ${PASSWORD_CHARACTERS} characters`);
  });
});

test.each([...NETWORK_NAMES])('the network %s is called as relays call it', (name) => {
  expect(networkTitle(name)).toBe(NETWORKS[name].title);
});

/** Browsers take it for a gap of their own: Chrome swallows it with the character after it. */
test('no message holds a “$”', () => {
  const holding = Object.entries(catalog).filter(([, { message }]) => message.includes('$'));
  expect(holding).toEqual([]);
});

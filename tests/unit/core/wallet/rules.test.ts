// The rules of the wallet: passwords, how wrong ones are slowed, when it locks, what it holds, which words are asked back, and what it signs.

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  accountOf,
  encodeContent,
  fundingPath,
  MAX_ACCOUNTS,
  nextIndex,
  parseContent,
  sessionPath,
  withAccount,
  type Account,
  type VaultContent,
} from '../../../../src/core/wallet/accounts.ts';
import { NO_ATTEMPTS, noteTry, parseAttempts, tryAgainAt, waitAfter } from '../../../../src/core/wallet/attempts.ts';
import { DEFAULT_SETTINGS, lockAfterMs } from '../../../../src/core/state/settings.ts';
import { locksAt, parseOpenWallet, stillOpen, type OpenWallet } from '../../../../src/core/wallet/open-wallet.ts';
import { assertGoodPassword, passwordStrength } from '../../../../src/core/wallet/password.ts';
import { assertPurpose } from '../../../../src/core/wallet/purposes.ts';
import { parseSessionKeys } from '../../../../src/core/wallet/session-keys.ts';
import { assertWords, chooseWords } from '../../../../src/core/wallet/word-check.ts';

const address = (n: number): string => `0x${n.toString(16).padStart(40, '0')}`;

describe('a password', () => {
  test('has at least 10 characters as a person counts them, and an end', () => {
    for (const good of ['1234567890', 'ä'.repeat(10), '👩'.repeat(10)])
      expect(() => assertGoodPassword(good)).not.toThrow();
    for (const short of ['', '123456789', '👩'.repeat(9)]) {
      expect(() => assertGoodPassword(short)).toThrow('wallet-password-short');
    }
    expect(() => assertGoodPassword('x'.repeat(257))).toThrow('wallet-password-long');
  });

  test.each([
    ['aaaaaaaaaaaaaaaa', 'weak'],
    ['1234567890123456', 'weak'],
    ['password123', 'weak'],
    ['abcdefghijklmnop', 'weak'],
    ['short', 'refused'],
    ['gT7!qLx2#vR9m', 'strong'],
    ['correct horse battery staple', 'strong'],
  ])('%s is %s', (password, level) => {
    expect(passwordStrength(password).level).toBe(level);
  });
});

describe('a wrong password', () => {
  test('makes the next try wait: a second at first, then doubling to a quarter of an hour', () => {
    expect([1, 2, 3, 4, 5, 8, 13, 14, 1000].map(waitAfter)).toEqual([
      ...[1_000, 1_000, 1_000, 2_000, 4_000, 32_000, 900_000, 900_000, 900_000],
    ]);
  });

  test('costs more in all the more tries are made: 100 tries take over 20 hours, whatever their rhythm', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(10_000), { minLength: 100, maxLength: 100 }), (delays) => {
        let now = 0;
        let attempts = NO_ATTEMPTS;
        for (const delay of delays) {
          now = Math.max(now + delay, tryAgainAt(attempts, now + delay) ?? 0);
          expect(tryAgainAt(attempts, now)).toBeUndefined();
          attempts = parseAttempts(JSON.parse(JSON.stringify(noteTry(attempts, now))));
        }
        expect(now).toBeGreaterThan(20 * 3_600_000);
      }),
    );
  });

  test('locks nobody out when the clock is set back', () => {
    const attempts = { failures: 4, notBefore: Number.MAX_SAFE_INTEGER };
    expect(tryAgainAt(attempts, 1_000)).toBe(3_000);
  });
});

describe('an open wallet', () => {
  const wallet: OpenWallet = {
    key: 'ab'.repeat(32),
    accounts: [{ address: address(1), kind: 'derived' }],
    paying: address(1),
    isConfirmed: false,
    asked: [1, 4, 7],
    wasRestored: false,
    usedAt: 1_000_000,
  };

  const IDLE_MS = lockAfterMs(DEFAULT_SETTINGS);

  test('is open for 15 minutes after its last use, and not a moment longer', () => {
    expect(IDLE_MS).toBe(15 * 60_000);
    expect(stillOpen(wallet, 1_000_000 + IDLE_MS - 1, IDLE_MS)).toEqual(wallet);
    expect(stillOpen(wallet, 1_000_000 + IDLE_MS, IDLE_MS)).toBeUndefined();
  });

  test('is open until the browser closes, where the person wants that', () => {
    const never = lockAfterMs({ ...DEFAULT_SETTINGS, lockAfter: 'browser-closes' });
    expect(stillOpen(wallet, Number.MAX_SAFE_INTEGER, never)).toEqual(wallet);
    expect(locksAt(wallet, never)).toBeUndefined();
  });

  test('is locked where the clock was set back', () => {
    expect(stillOpen(wallet, 999_999, IDLE_MS)).toBeUndefined();
  });

  test('reads back from memory, and anything else is refused', () => {
    expect(parseOpenWallet(JSON.parse(JSON.stringify(wallet)))).toEqual(wallet);
    expect(parseOpenWallet(null)).toBeNull();
    for (const broken of [
      { ...wallet, key: 'ab' },
      { ...wallet, usedAt: null },
      { ...wallet, accounts: {} },
      undefined,
    ]) {
      expect(() => parseOpenWallet(broken)).toThrow();
    }
  });
});

describe('what the vault holds', () => {
  const accounts: fc.Arbitrary<Account> = fc.oneof(
    fc.record({ kind: fc.constant('derived' as const), index: fc.nat(2 ** 31 - 1), address: fc.nat().map(address) }),
    fc.record({
      kind: fc.constant('key' as const),
      key: fc.uint8Array({ minLength: 32, maxLength: 32 }).map((each) => Buffer.from(each).toString('hex')),
      address: fc.nat().map(address),
    }),
  );
  const content: VaultContent = {
    entropy: '00'.repeat(16),
    isConfirmed: true,
    accounts: [{ kind: 'derived', index: 0, address: address(1) }],
  };

  test('reads back', () => {
    const contents = fc.record({
      entropy: fc.constantFrom(undefined, '0f'.repeat(16), '0f'.repeat(32)),
      isConfirmed: fc.boolean(),
      accounts: fc.array(accounts, { minLength: 1, maxLength: MAX_ACCOUNTS }),
    });
    fc.assert(
      fc.property(contents, (each) => {
        expect(parseContent(encodeContent(each))).toEqual(each);
      }),
    );
  });

  test('derives accounts one after another, on the path of every wallet', () => {
    expect(nextIndex(content)).toBe(1);
    expect(nextIndex({ ...content, accounts: [{ kind: 'key', key: '01'.repeat(32), address: address(2) }] })).toBe(0);
    expect(() => nextIndex({ ...content, entropy: undefined })).toThrow('wallet-no-words');
    expect(fundingPath(3)).toBe("m/44'/60'/0'/0/3");
    expect(sessionPath(3)).toBe("m/44'/60'/1'/0/3");
    for (const index of [-1, 1.5, 2 ** 31]) expect(() => fundingPath(index)).toThrow('not an index');
  });

  test('has each account once, and an end', () => {
    expect(() => withAccount(content, { kind: 'derived', index: 1, address: address(1) })).toThrow(
      'wallet-account-known',
    );
    let full = content;
    for (let n = 2; n <= MAX_ACCOUNTS; n++)
      full = withAccount(full, { kind: 'derived', index: n, address: address(n) });
    expect(() => withAccount(full, { kind: 'derived', index: 99, address: address(99) })).toThrow(
      'wallet-accounts-full',
    );
    expect(encodeContent(full).length).toBeLessThan(16_384);
    expect(accountOf(full, address(7))).toMatchObject({ index: 7 });
    expect(() => accountOf(content, address(7))).toThrow('wallet-account-unknown');
  });
});

describe('the words asked back', () => {
  test('are three different ones, in order', () => {
    fc.assert(
      fc.property(fc.infiniteStream(fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true })), (draws) => {
        const asked = chooseWords(12, () => draws.next().value as number);
        expect(new Set(asked).size).toBe(3);
        expect(asked).toEqual([...asked].sort((a, b) => a - b));
        expect(asked.every((place) => place >= 0 && place < 12)).toBe(true);
      }),
    );
  });

  test('must be those of the places asked for', () => {
    const words = ['zero', 'one', 'two', 'three'];
    expect(() => assertWords(words, [1, 3], [' One', 'three'])).not.toThrow();
    for (const answers of [['three', 'one'], ['one'], [], ['one', 'three', 'two'], ['one', '']]) {
      expect(() => assertWords(words, [1, 3], answers)).toThrow('wallet-words-unconfirmed');
    }
    // Nothing asked is nothing shown.
    expect(() => assertWords(words, [], [])).toThrow('wallet-words-unconfirmed');
  });
});

test('nothing but a deposit and a withdrawal is signed', () => {
  for (const purpose of ['deposit', 'withdrawal']) expect(() => assertPurpose(purpose)).not.toThrow();
  for (const other of ['message', 'personal_sign', 'permit', '', undefined, 'toString', {}]) {
    expect(() => assertPurpose(other)).toThrow('wallet-purpose');
  }
});

test('sealed session keys of another form are refused', () => {
  const sealed = { iv: '00'.repeat(12), ct: '00'.repeat(48) };
  expect(parseSessionKeys({ 0: sealed, 17: sealed })).toEqual({ 0: sealed, 17: sealed });
  for (const broken of [{ x: sealed }, { '-1': sealed }, { 0: { ...sealed, ct: '00' } }, { 0: {} }, [], 7]) {
    expect(() => parseSessionKeys(broken)).toThrow();
  }
});

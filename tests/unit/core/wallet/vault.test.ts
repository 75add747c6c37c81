// The stored form of the vault: what was written reads back, and every text that is not letter by letter what was written has a named error.

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { crc32 } from '../../../../src/core/wallet/crc32.ts';
import { isWeakerThanToday, todaysKdf, type Kdf } from '../../../../src/core/wallet/kdf.ts';
import { encodeVault, headerBytes, parseVault, type Vault } from '../../../../src/core/wallet/vault.ts';
import { isWalletError, type WalletErrorCode } from '../../../../src/core/wallet/wallet-error.ts';

const hex = (bytes: number, most = bytes): fc.Arbitrary<string> =>
  fc.uint8Array({ minLength: bytes, maxLength: most }).map((each) => Buffer.from(each).toString('hex'));
const kdfs: fc.Arbitrary<Kdf> = fc.oneof(
  fc.record({
    name: fc.constant('argon2id' as const),
    m: fc.integer({ min: 19_456, max: 262_144 }),
    t: fc.integer({ min: 2, max: 8 }),
    p: fc.integer({ min: 1, max: 4 }),
    salt: hex(16),
  }),
  fc.record({
    name: fc.constant('pbkdf2-sha256' as const),
    iterations: fc.integer({ min: 600_000, max: 5_000_000 }),
    salt: hex(16),
  }),
);
const vaults: fc.Arbitrary<Vault> = fc.record({ v: fc.constant(1 as const), kdf: kdfs, iv: hex(12), ct: hex(17, 400) });

const VAULT: Vault = {
  v: 1,
  kdf: todaysKdf('00112233445566778899aabbccddeeff', true),
  iv: 'a1'.repeat(12),
  ct: 'b2'.repeat(120),
};

function codeOf(text: string): WalletErrorCode | undefined {
  try {
    parseVault(text);
    return undefined;
  } catch (error) {
    if (!isWalletError(error)) throw error;
    return error.code;
  }
}

/** A record whose checksum is right, as whoever writes into the storage on purpose would make it. */
function forged(change: (fields: Record<string, unknown>) => void): string {
  const { crc: _, ...fields } = JSON.parse(encodeVault(VAULT)) as Record<string, unknown>;
  change(fields);
  return JSON.stringify({ ...fields, crc: crc32(JSON.stringify(fields)) });
}

describe('a stored vault', () => {
  test('reads back what was written', () => {
    fc.assert(
      fc.property(vaults, (vault) => {
        expect(parseVault(encodeVault(vault))).toEqual(vault);
      }),
    );
  });

  test('has a named error for every bit of every byte that is flipped', () => {
    const text = encodeVault(VAULT);
    for (let at = 0; at < text.length; at++) {
      for (let bit = 0; bit < 7; bit++) {
        const flipped = String.fromCharCode(text.charCodeAt(at) ^ (1 << bit));
        expect(codeOf(text.slice(0, at) + flipped + text.slice(at + 1)), `byte ${at}, bit ${bit}`).toBe(
          'wallet-damaged',
        );
      }
    }
  });

  test('is damaged where a part is missing, and for anything else', () => {
    const text = encodeVault(VAULT);
    for (let length = 0; length < text.length; length++) expect(codeOf(text.slice(0, length))).toBe('wallet-damaged');
    expect(codeOf(`${text} `)).toBe('wallet-damaged');
    fc.assert(
      fc.property(fc.string(), (junk) => {
        expect(codeOf(junk)).toBe('wallet-damaged');
      }),
    );
    fc.assert(
      fc.property(fc.json(), (junk) => {
        expect(codeOf(junk)).toBe('wallet-damaged');
      }),
    );
    expect(codeOf('['.repeat(1_000_000))).toBe('wallet-damaged');
  });

  test('of a later extension is named so', () => {
    expect(codeOf(forged((fields) => (fields['v'] = 2)))).toBe('wallet-version');
    expect(codeOf(forged((fields) => (fields['v'] = 0)))).toBe('wallet-damaged');
  });

  test.each<[string, unknown]>([
    ['too little memory', { m: 19_455 }],
    ['more memory than a worker has', { m: 4_194_304 }],
    ['one pass', { t: 1 }],
    ['passes without end', { t: 1_000_000 }],
    ['no lane', { p: 0 }],
    ['many lanes', { p: 255 }],
    ['half a pass', { t: 2.5 }],
  ])('may not ask for %s', (_, change) => {
    const kdf = { ...VAULT.kdf, ...(change as object) };
    expect(codeOf(forged((fields) => (fields['kdf'] = kdf)))).toBe('wallet-parameters');
  });

  test('may not ask for few rounds of PBKDF2, or for too many', () => {
    for (const iterations of [1, 599_999, 5_000_001, 2 ** 53]) {
      const kdf = { name: 'pbkdf2-sha256', iterations, salt: VAULT.kdf.salt };
      expect(codeOf(forged((fields) => (fields['kdf'] = kdf)))).toBe('wallet-parameters');
    }
  });

  test('with a field too many, in another order, or in capitals is not one', () => {
    expect(codeOf(forged((fields) => (fields['more'] = 1)))).toBe('wallet-damaged');
    expect(codeOf(forged((fields) => (fields['iv'] = VAULT.iv.toUpperCase())))).toBe('wallet-damaged');
    expect(codeOf(forged((fields) => (fields['kdf'] = { ...VAULT.kdf, more: 1 })))).toBe('wallet-damaged');
  });

  test('has a header that follows from its values and not from their order', () => {
    const { salt } = VAULT.kdf;
    const other: Kdf = { salt, p: 1, t: 3, m: 65_536, name: 'argon2id' };
    expect(headerBytes({ v: 1, kdf: other })).toEqual(headerBytes(VAULT));
  });
});

test('the checksum is CRC-32', () => {
  // The check value of the catalogue of parametrised CRC algorithms.
  expect(crc32('123456789')).toBe('cbf43926');
});

test('parameters below those of today are weaker, the same or more are not', () => {
  const salt = VAULT.kdf.salt;
  const argon2 = (m: number, t: number): Kdf => ({ name: 'argon2id', m, t, p: 1, salt });
  expect(isWeakerThanToday(todaysKdf(salt, true), true)).toBe(false);
  expect(isWeakerThanToday(todaysKdf(salt, false), false)).toBe(false);
  expect(isWeakerThanToday(argon2(19_456, 2), true)).toBe(true);
  expect(isWeakerThanToday(argon2(65_536, 2), true)).toBe(true);
  expect(isWeakerThanToday(argon2(131_072, 3), true)).toBe(false);
  // Where there is WebAssembly again, Argon2id takes the place of PBKDF2, and never the other way round.
  expect(isWeakerThanToday(todaysKdf(salt, false), true)).toBe(true);
  expect(isWeakerThanToday(argon2(19_456, 2), false)).toBe(false);
});

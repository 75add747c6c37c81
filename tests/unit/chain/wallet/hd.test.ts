// Words and keys: the official vectors, and ethers' own wallet for random seeds and paths.

import { HDNodeWallet, Mnemonic, Wallet } from 'ethers/wallet';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { derivePath } from '../../../../src/chain/wallet/bip32.ts';
import { createKeyring } from '../../../../src/chain/wallet/keyring.ts';
import { fundingPath, sessionPath } from '../../../../src/core/wallet/accounts.ts';

const keyring = createKeyring();
/** The first vector of BIP-39, and of every wallet's documentation. */
const ABANDON = `${'abandon '.repeat(11)}about`;
const phrases = fc.uint8Array({ minLength: 16, maxLength: 16 }).map((entropy) => Mnemonic.fromEntropy(entropy).phrase);
const ethersKey = (phrase: string, path: string): string => HDNodeWallet.fromPhrase(phrase, undefined, path).privateKey;

describe('keys of words', () => {
  test('are those of the vectors of BIP-32', async () => {
    const seed = new Uint8Array(Buffer.from('000102030405060708090a0b0c0d0e0f', 'hex'));
    const expected: [string, string][] = [
      ['m', 'e8f32e723decf4051aefac8e2c93c9c5b214313817cdb01a1494b917c8436b35'],
      ["m/0'", 'edb2e14f9ee77d26dd93b4ecede8d16ed408ce149b6cd80b0715a2d911a0afea'],
      ["m/0'/1", '3c6cb8d0f6a264c91ea8b5030fadaa8e538b020f0a387421a12de9319dc93368'],
      ["m/0'/1/2'/2/1000000000", '471b76e389e528d6de6d816857e012c5455051cad6660850e58372a6c3e6e7c8'],
    ];
    for (const [path, key] of expected) expect(await derivePath(seed, path)).toBe(`0x${key}`);
  });

  test('are those of ethers, for random words and numbers', async () => {
    await fc.assert(
      fc.asyncProperty(phrases, fc.nat(2 ** 31 - 1), async (phrase, index) => {
        const content = await keyring.fromWords(phrase);
        const account = await keyring.derive(content, index);
        expect(await keyring.privateKey(content, account)).toBe(ethersKey(phrase, fundingPath(index)));
        expect(account.address).toBe(new Wallet(ethersKey(phrase, fundingPath(index))).address);
        const session = Buffer.from(await keyring.sessionKey(content, index)).toString('hex');
        expect(`0x${session}`).toBe(ethersKey(phrase, sessionPath(index)));
      }),
      { numRuns: 20 },
    );
  });

  test('refuse a path that is none', async () => {
    const seed = new Uint8Array(16);
    for (const path of ['', 'x', 'm/', "m/2147483648'", 'm/-1', 'm/1h', 'm/99999999999', "44'/60'"]) {
      await expect(derivePath(seed, path)).rejects.toThrow();
    }
  });
});

describe('words', () => {
  test('are taken as a person types them', async () => {
    const content = await keyring.fromWords(`  ${ABANDON.replaceAll(' ', '\n ').toUpperCase()} `);
    expect(content.accounts).toEqual([
      { kind: 'derived', index: 0, address: '0x9858EfFD232B4033E47d90003D41EC34EcaEda94' },
    ]);
    expect(keyring.words(content).join(' ')).toBe(ABANDON);
  });

  test.each([
    ['one too few', ABANDON.replace('abandon ', '')],
    ['a wrong checksum', ABANDON.replace('about', 'abandon')],
    ['one that is not in the list', ABANDON.replace('about', 'conet')],
    ['none', ''],
    ['without end', 'abandon '.repeat(100_000)],
  ])('with %s are refused, and not quoted', async (_, words) => {
    const error: unknown = await keyring.fromWords(words).catch((reason: unknown) => reason);
    expect(error).toMatchObject({ code: 'wallet-words-invalid' });
    expect(error).not.toHaveProperty('cause');
    expect(String(error)).not.toMatch(/abandon|conet/);
  });

  test('of a new wallet are twelve, by chance, and to be confirmed', async () => {
    const [one, other] = [await keyring.create(), await keyring.create()];
    expect(keyring.words(one)).toHaveLength(12);
    expect(one.entropy).not.toBe(other.entropy);
    expect(one.isConfirmed).toBe(false);
  });
});

describe('a private key', () => {
  const key = '4c0883a69102937d6231471b5dbb6204fe5129617082792ae468d01a3f362318';

  test('is taken with and without 0x', () => {
    const account = { kind: 'key', key, address: '0x2c7536E3605D9C16a7a3D7b1898e529396a65c23' };
    for (const text of [key, `0x${key}`, ` ${key.toUpperCase()}\n`]) expect(keyring.fromKey(text)).toEqual(account);
  });

  test.each([
    ['empty', ''],
    ['short', key.slice(2)],
    ['zero', '0'.repeat(64)],
    ['the order of the curve', 'fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141'],
    ['not hexadecimal', 'x'.repeat(64)],
  ])('that is %s is refused', (_, text) => {
    expect(() => keyring.fromKey(text)).toThrow('wallet-key-invalid');
  });

  test('is a root of session keys of its own, which stay when words join it', async () => {
    const account = keyring.fromKey(key);
    const alone = { entropy: undefined, isConfirmed: true, accounts: [account] };
    const one = await keyring.sessionKey(alone, 0);
    expect(await keyring.sessionKey(alone, 1)).not.toEqual(one);
    expect(Buffer.from(one).toString('hex')).not.toBe(key);
    const joined = { ...alone, entropy: '00'.repeat(16) };
    expect(await keyring.sessionKey(joined, 0)).toEqual(one);
  });
});

// Keystore files: those of ethers open here and ours there, and a hostile one is refused before it costs anything.

import { decryptKeystoreJson, encryptKeystoreJson, Wallet } from 'ethers/wallet';
import { describe, expect, test } from 'vitest';
import { readKeystore } from '../../../../src/chain/wallet/keystore.ts';
import { createKeyring } from '../../../../src/chain/wallet/keyring.ts';

const wallet = new Wallet(`0x${'5e'.repeat(32)}`);
const password = 'correct horse é';
/** Cheap parameters: they are the file's own. */
const file = JSON.parse(await encryptKeystoreJson(wallet, password, { scrypt: { N: 1024, r: 8, p: 1 } })) as Keystore;

type Keystore = {
  address: string;
  Crypto: { kdfparams: Record<string, unknown>; mac: string } & Record<string, unknown>;
};

/** The test vector of the Web3 Secret Storage definition, with PBKDF2. */
const PBKDF2_FILE = JSON.stringify({
  crypto: {
    cipher: 'aes-128-ctr',
    cipherparams: { iv: '6087dab2f9fdbbfaddc31a909735c1e6' },
    ciphertext: '5318b4d5bcd28de64ee5559e671353e16f075ecae9f99c7a79a38af5f869aa46',
    kdf: 'pbkdf2',
    kdfparams: {
      ...{ c: 262144, dklen: 32, prf: 'hmac-sha256' },
      salt: 'ae3cd4e7013836a3df6bd7241b12db061dbe2c6785853cce422d148a624ce0bd',
    },
    mac: '517ead924a9d0dc3124507e3393d175ce3ff7c1e96529c6c555ce9e51205e9b2',
  },
  id: '3198bc9c-6672-5ab3-d995-4942343ae5b6',
  version: 3,
});

describe('a keystore file', () => {
  test('of ethers opens', async () => {
    expect(await readKeystore(JSON.stringify(file), password)).toEqual({
      ...{ kind: 'key', key: '5e'.repeat(32), address: wallet.address },
    });
  });

  test('of the definition opens', async () => {
    expect(await readKeystore(PBKDF2_FILE, 'testpassword')).toMatchObject({
      key: '7a28b5ba57c53603b0b07b56bba752f7784bf506fa95edc395f5cf6c7514fe9d',
    });
  });

  test('of ours opens with ethers', async () => {
    const keyring = createKeyring();
    const content = await keyring.create();
    const [account] = content.accounts;
    const json = await keyring.toKeystore(content, account!, password);
    const read = await decryptKeystoreJson(json, password);
    expect(read.address).toBe(account!.address);
    expect(read.privateKey).toBe(await keyring.privateKey(content, account!));
    expect(json).not.toContain(read.privateKey.slice(2));
  });

  test('does not open with another password', async () => {
    await expect(readKeystore(JSON.stringify(file), 'wrong')).rejects.toMatchObject({
      code: 'wallet-keystore-password',
    });
  });

  test('that names the address of another key is refused', async () => {
    const other = JSON.stringify({ ...file, address: '00'.repeat(20) });
    await expect(readKeystore(other, password)).rejects.toMatchObject({ code: 'wallet-keystore-invalid' });
  });

  test.each<[string, unknown]>([
    ['memory without end', { n: 2 ** 22, r: 8 }],
    ['blocks without end', { n: 1024, r: 2 ** 30 }],
    ['lanes without end', { p: 2 ** 30 }],
    ['work of minutes', { n: 2 ** 18, p: 16 }],
    ['no power of two', { n: 1000 }],
    ['nothing', { n: 0 }],
    ['a short key', { dklen: 16 }],
    ['text for a number', { n: '1024' }],
  ])('that asks for %s is refused at once', async (_, change) => {
    const kdfparams = { ...file.Crypto.kdfparams, ...(change as object) };
    const json = JSON.stringify({ ...file, Crypto: { ...file.Crypto, kdfparams } });
    await expect(readKeystore(json, password)).rejects.toMatchObject({ code: 'wallet-keystore-invalid' });
  });

  test.each<[string, string, string]>([
    ['nothing', '', 'wallet-keystore-invalid'],
    ['something else', '[]', 'wallet-keystore-invalid'],
    ['of version 1', JSON.stringify({ ...file, version: 1 }), 'wallet-keystore-invalid'],
    ['of 1 MB', ' '.repeat(1_000_000), 'wallet-keystore-large'],
  ])('that is %s is refused', async (_, json, code) => {
    await expect(readKeystore(json, password)).rejects.toMatchObject({ code });
  });
});

// The vault's key and encryption: the algorithms against Node's own, the parameters under the seal, and the way without WebAssembly.

import { argon2Sync, pbkdf2Sync } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { deriveVaultKey } from '../../../../src/chain/wallet/kdf.ts';
import { createKeyring } from '../../../../src/chain/wallet/keyring.ts';
import type { Kdf } from '../../../../src/core/wallet/kdf.ts';
import { createDeviceSeal, makeDeviceKey } from '../../../../src/platform/device-seal.ts';

const keyring = createKeyring();
const salt = '00112233445566778899aabbccddeeff';
const argon2: Kdf = { name: 'argon2id', m: 19_456, t: 2, p: 1, salt };
const pbkdf2: Kdf = { name: 'pbkdf2-sha256', iterations: 600_000, salt };
const content = { entropy: '0f'.repeat(16), isConfirmed: false, accounts: (await keyring.create()).accounts };
const key = '7a'.repeat(32);

describe('the key of a password', () => {
  test('is Argon2id of it', async () => {
    const expected = argon2Sync('argon2id', {
      ...{ message: Buffer.from('correct horse'), nonce: Buffer.from(salt, 'hex') },
      ...{ memory: 19_456, passes: 2, parallelism: 1, tagLength: 32 },
    });
    expect(Buffer.from(await deriveVaultKey('correct horse', argon2))).toEqual(expected);
  });

  test('is PBKDF2 of it where the parameters say so', async () => {
    const expected = pbkdf2Sync('correct horse', Buffer.from(salt, 'hex'), 600_000, 32, 'sha256');
    expect(Buffer.from(await deriveVaultKey('correct horse', pbkdf2))).toEqual(expected);
  });

  test('is the same for two spellings of the same letters', async () => {
    expect(await deriveVaultKey('pa\u0308sswort', pbkdf2)).toEqual(await deriveVaultKey('p\u00e4sswort', pbkdf2));
  });

  test('without WebAssembly is PBKDF2 for a new vault, and a named error for one of Argon2id', async () => {
    const barred = createKeyring({ canUseWasm: () => false });
    expect(barred.newKdf()).toMatchObject({ name: 'pbkdf2-sha256', iterations: 900_000 });
    expect(keyring.newKdf()).toMatchObject({ name: 'argon2id', m: 65_536, t: 3, p: 1 });
    await expect(barred.deriveKey('correct horse', argon2)).rejects.toMatchObject({ code: 'wallet-no-wasm' });
  });
});

describe('a sealed vault', () => {
  test('opens with its key', async () => {
    expect(await keyring.open(await keyring.seal(content, key, argon2), key)).toEqual(content);
  });

  test('never has the same initialisation vector twice', async () => {
    const [one, other] = [await keyring.seal(content, key, argon2), await keyring.seal(content, key, argon2)];
    expect(one.iv).not.toBe(other.iv);
    expect(one.ct).not.toBe(other.ct);
  });

  test('opens with no other key, and not when any byte of it was changed on purpose', async () => {
    const vault = await keyring.seal(content, key, argon2);
    await expect(keyring.open(vault, '7b'.repeat(32))).rejects.toMatchObject({ code: 'wallet-password-wrong' });
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom('iv', 'ct'),
        fc.nat(),
        fc.integer({ min: 1, max: 255 }),
        async (field, n, by) => {
          const bytes = Buffer.from(vault[field], 'hex');
          bytes[n % bytes.length]! ^= by;
          const changed = { ...vault, [field]: bytes.toString('hex') };
          await expect(keyring.open(changed, key)).rejects.toMatchObject({ code: 'wallet-password-wrong' });
        },
      ),
    );
  });

  test('holds its parameters fast: with others it does not open under the same key', async () => {
    const vault = await keyring.seal(content, key, argon2);
    for (const kdf of [
      { ...argon2, t: 3 },
      { ...argon2, m: 65_536 },
      { ...argon2, salt: `ff${salt.slice(2)}` },
      pbkdf2,
    ]) {
      await expect(keyring.open({ ...vault, kdf }, key)).rejects.toMatchObject({ code: 'wallet-password-wrong' });
    }
  });
});

describe('the seal of the device', () => {
  const bytes = new Uint8Array(32).fill(9);

  test('opens under its own key and context only', async () => {
    const deviceKey = await makeDeviceKey();
    const seal = createDeviceSeal({ read: async () => deviceKey });
    const sealed = await seal.seal(bytes, 'one');
    expect(await seal.open(sealed, 'one')).toEqual(bytes);
    expect(await seal.open(sealed, 'other')).toBeUndefined();
    expect(await createDeviceSeal({ read: makeDeviceKey }).open(sealed, 'one')).toBeUndefined();
  });

  test('has a key that cannot be taken out', async () => {
    const deviceKey = await makeDeviceKey();
    expect(deviceKey.extractable).toBe(false);
    await expect(crypto.subtle.exportKey('raw', deviceKey)).rejects.toThrow();
  });
});

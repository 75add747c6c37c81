// The key that a relay is paid to, that claims, and that pays the gas: 32 bytes of secp256k1 in hexadecimal, in a file of its own, so that it can
// be kept and moved apart from the relay's name. It appears in no log and no error. Used by the command line and by relay/relay.ts.

import { randomBytes } from 'node:crypto';
import { SigningKey } from 'ethers/crypto';
import { computeAddress } from 'ethers/transaction';
import type { Hex } from '../src/core/payment/hex.ts';
import { KeyFileError, readKeyFile, writeKeyFile } from './key-file.ts';

export type PaymentKey = {
  key: SigningKey;
  /** Lower case. The `receiver` of every channel that pays this relay. */
  address: Hex;
};

/** Reads a key that `createPaymentKey` wrote. Throws `KeyFileError`. */
export async function loadPaymentKey(path: string): Promise<PaymentKey> {
  const text = (await readKeyFile(path, 'conet-relay init --payment-key'))?.trim() ?? '';
  if (!/^0x[0-9a-f]{64}$/.test(text)) throw malformed(path);
  try {
    return ofKey(new SigningKey(text));
  } catch {
    // Zero, or above the curve's order. What ethers says would quote it.
    throw malformed(path);
  }
}

/** Makes a new key. Throws `KeyFileError` `exists` rather than replace one: what is not claimed yet is lost with it. */
export async function createPaymentKey(path: string): Promise<PaymentKey> {
  // Of 2^256 numbers fewer than 2^129 are none of the curve: SigningKey refuses them, and nobody will see it.
  const made = ofKey(new SigningKey(`0x${randomBytes(32).toString('hex')}`));
  await writeKeyFile(path, made.key.privateKey);
  return made;
}

function ofKey(key: SigningKey): PaymentKey {
  return { key, address: computeAddress(key).toLowerCase() as Hex };
}

function malformed(path: string): KeyFileError {
  return new KeyFileError('malformed', `${path} holds no payment key as conet-relay init --payment-key writes it`);
}

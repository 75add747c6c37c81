// Signatures in the one form that contracts and relays take: 65 bytes r, s, v with v 27 or 28 and s in the lower half. ethers alone would also read
// 64 bytes and other v, so that one voucher had several texts, and answers a high s with an error of its own. Keys are passed in and not kept.

import { Signature, SigningKey } from 'ethers/crypto';
import { computeAddress } from 'ethers/transaction';
import { asSignatureHex, type Hex } from '../../core/payment/hex.ts';
import { PaymentError } from '../../core/payment/payment-error.ts';

/** The order n of secp256k1 (SEC 2, §2.4.1). */
const ORDER = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n;
const HALF_ORDER = ORDER / 2n;

/** Deterministic (RFC 6979): the same key and digest give the same bytes, so that a voucher can be sent again after a restart. */
export function signDigest(key: SigningKey, digest: Hex): Hex {
  return key.sign(digest).serialized as Hex;
}

/** Whose signature it is, lower-case. Throws `PaymentError` bad_sig where it is of another form or nobody's. */
export function recoverSigner(digest: Hex, signature: unknown): Hex {
  const parsed = parseSignature(signature);
  try {
    return computeAddress(SigningKey.recoverPublicKey(digest, parsed)).toLowerCase() as Hex;
  } catch (cause) {
    throw new PaymentError('bad_sig', 'it is nobody’s signature', { cause });
  }
}

/** Throws `PaymentError` bad_sig unless `signer` signed the digest. @param signer as `asAddress` reads it */
export function verifySigner(digest: Hex, signature: unknown, signer: Hex): void {
  if (recoverSigner(digest, signature) !== signer) throw new PaymentError('bad_sig', 'another key signed it');
}

function parseSignature(value: unknown): Signature {
  let text: Hex;
  try {
    text = asSignatureHex(value);
  } catch (cause) {
    throw new PaymentError('bad_sig', 'it is not 65 bytes', { cause });
  }
  const r = BigInt(text.slice(0, 66));
  const s = BigInt(`0x${text.slice(66, 130)}`);
  const v = Number.parseInt(text.slice(130), 16);
  if (v !== 27 && v !== 28) throw new PaymentError('bad_sig', 'its v is neither 27 nor 28');
  if (r === 0n || r >= ORDER || s === 0n) throw new PaymentError('bad_sig', 'its r or s is out of range');
  if (s > HALF_ORDER) throw new PaymentError('bad_sig', 'its s is in the upper half');
  return Signature.from(text);
}

// Whether a voucher is its session key's, for a relay that checks hundreds a second: the same answer as `verifyVoucher` of src/chain/rail, several times faster.
// The first check of a key recovers it; later ones use it, and from some on with a table of its multiples. Nothing here is secret.

import { secp256k1 } from '@noble/curves/secp256k1.js';
import { keccak256, SigningKey } from 'ethers/crypto';
import { computeAddress } from 'ethers/transaction';
import type { Hex } from '../../src/core/payment/hex.ts';
import { PaymentError } from '../../src/core/payment/payment-error.ts';
import type { Network } from '../../src/chain/rail/networks.ts';
import { domainSeparator, escrowDomain } from '../../src/chain/rail/typed-data.ts';
import { VOUCHER_TYPEHASH } from '../../src/chain/rail/voucher.ts';
import { Recent } from './recent.ts';

const { Point } = secp256k1;
const { Fn } = Point;
type Key = { point: InstanceType<typeof Point>; checks: number };

/** A table has about 100 kB, so that these have some 12 MB. */
const MAX_KEYS = 128;
/** Making a table costs about 10 ms: as much as twenty checks without it. */
const TABLE_FROM = 16;
/** Windows of 4 bits: wider ones gain a tenth and take twice the room. */
const WINDOW = 4;

const FORM = /^0x[0-9a-f]{130}$/i;

export class VoucherCheck {
  readonly #prefix: string;
  readonly #keys = new Recent<Hex, Key>(MAX_KEYS);

  constructor(network: Network) {
    this.#prefix = `0x1901${domainSeparator(escrowDomain(network)).slice(2)}`;
  }

  /** The EIP-712 digest, as `voucherDigest` has it. */
  digest(channelId: Hex, max: bigint): Hex {
    const struct = VOUCHER_TYPEHASH + channelId.slice(2) + max.toString(16).padStart(64, '0');
    return keccak256(this.#prefix + keccak256(struct).slice(2)) as Hex;
  }

  /** Throws `PaymentError` bad_sig unless `signer` signed it, in the one form that is taken. @param signer address, lower case */
  verify(channelId: Hex, { max, signature }: { max: bigint; signature: string }, signer: Hex): void {
    const { r, s, odd } = parse(signature);
    const digest = this.digest(channelId, max);
    const known = this.#keys.get(signer);
    if (known === undefined) {
      this.#keys.of(signer, () => ({ point: recover(digest, signature, signer), checks: 1 }));
      return;
    }
    known.checks += 1;
    if (known.checks === TABLE_FROM) known.point.precompute(WINDOW, false);
    // SEC 1, 4.1.4; with the parity of the point, so that it is what a contract recovers.
    const inverse = Fn.inv(s);
    const u1 = Fn.mul(Fn.create(BigInt(digest)), inverse);
    const u2 = Fn.mul(r, inverse);
    const sum = Point.BASE.multiplyUnsafe(u1).add(known.point.multiplyUnsafe(u2));
    if (sum.is0()) throw refused('it is nobody’s signature');
    const { x, y } = sum.toAffine();
    if (x !== r || (y & 1n) !== odd) throw refused('another key signed it');
  }
}

function parse(signature: string): { r: bigint; s: bigint; odd: bigint } {
  if (!FORM.test(signature)) throw refused('it is not 65 bytes');
  const r = BigInt(signature.slice(0, 66));
  const s = BigInt(`0x${signature.slice(66, 130)}`);
  const v = Number.parseInt(signature.slice(130), 16);
  if (v !== 27 && v !== 28) throw refused('its v is neither 27 nor 28');
  if (r === 0n || r >= Fn.ORDER || s === 0n) throw refused('its r or s is out of range');
  if (s > Fn.ORDER >> 1n) throw refused('its s is in the upper half');
  return { r, s, odd: v === 28 ? 1n : 0n };
}

function recover(digest: Hex, signature: string, signer: Hex): InstanceType<typeof Point> {
  let key: string;
  try {
    key = SigningKey.recoverPublicKey(digest, signature);
  } catch (cause) {
    throw new PaymentError('bad_sig', 'it is nobody’s signature', { cause });
  }
  if (computeAddress(key).toLowerCase() !== signer) throw refused('another key signed it');
  return Point.fromHex(key.slice(2));
}

function refused(detail: string): PaymentError {
  return new PaymentError('bad_sig', detail);
}

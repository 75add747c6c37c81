// The relay's fast check of vouchers against the rail's, which is ethers': for whatever signature, both say the same.

import { SigningKey } from 'ethers/crypto';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { VoucherCheck } from '../../../../relay/session/voucher-check.ts';
import { isPaymentError } from '../../../../src/core/payment/payment-error.ts';
import { NETWORKS } from '../../../../src/chain/rail/networks.ts';
import { signVoucher, verifyVoucher, voucherDigest } from '../../../../src/chain/rail/voucher.ts';
import type { Hex } from '../../../../src/core/payment/hex.ts';
import { addressOf, keyOf } from '../../../support/session-payee.ts';

const ORDER = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n;
const network = NETWORKS.base;
const hex = (value: bigint, bytes: number): string => value.toString(16).padStart(2 * bytes, '0');
const bytes32 = fc
  .uint8Array({ minLength: 32, maxLength: 32 })
  .map((bytes): Hex => `0x${Buffer.from(bytes).toString('hex')}`);
const amount = fc.bigInt({ min: 0n, max: 2n ** 128n - 1n });

function accepts(verify: () => void): boolean {
  try {
    verify();
    return true;
  } catch (error) {
    if (isPaymentError(error, 'bad_sig')) return false;
    throw error;
  }
}

test('the digest is the one that is signed', () => {
  const check = new VoucherCheck(network);
  fc.assert(
    fc.property(bytes32, amount, (channelId, sum) => {
      expect(check.digest(channelId, sum)).toBe(voucherDigest(network, { channelId, sum }));
    }),
  );
});

test('what a key signed is taken: at the first look, by the key that is known, and by its table', () => {
  const check = new VoucherCheck(network);
  const key = keyOf('signer');
  for (let sum = 0n; sum < 40n; sum += 1n) {
    const channelId: Hex = `0x${'ab'.repeat(32)}`;
    const signature = signVoucher(network, { channelId, sum }, key);
    check.verify(channelId, { max: sum, signature }, addressOf(key));
    // Of the sum before it is nobody's.
    expect(accepts(() => check.verify(channelId, { max: sum + 1n, signature }, addressOf(key)))).toBe(false);
  }
});

test('whatever is done to a signature: the same answer as the rail', () => {
  const keys = ['a', 'b', 'c'].map(keyOf);
  const check = new VoucherCheck(network);
  let taken = 0;
  let refused = 0;
  const twist = fc.oneof(
    fc.constant('none' as const),
    fc.constantFrom('high-s', 'v-low', 'other-v', 'short', 'long', 'zero-r', 'zero-s', 'r-order', 'upper', 'no-hex'),
    fc.record({ bit: fc.nat(519) }),
  );
  const which = fc.nat(2);
  fc.assert(
    fc.property(bytes32, amount, which, which, twist, (channelId, max, signed, claimed, how) => {
      const right = signVoucher(network, { channelId, sum: max }, keys[signed]!);
      const signature = typeof how === 'string' ? twisted(right, how) : flipped(right, how.bit);
      const signer = addressOf(keys[how === 'none' ? claimed : signed]!);
      const ours = accepts(() => check.verify(channelId, { max, signature }, signer));
      expect(ours).toBe(accepts(() => verifyVoucher(network, { channelId, sum: max }, signature, signer)));
      if (ours) taken += 1;
      else refused += 1;
    }),
    { numRuns: 150 },
  );
  expect(Math.min(taken, refused)).toBeGreaterThan(10);
});

function twisted(right: Hex, how: string): Hex {
  const [r, s, v] = [right.slice(2, 66), right.slice(66, 130), right.slice(130)];
  const other = v === '1b' ? '1c' : '1b';
  switch (how) {
    case 'high-s':
      return `0x${r}${hex(ORDER - BigInt(`0x${s}`), 32)}${other}`;
    case 'v-low':
      return `0x${r}${s}${v === '1b' ? '00' : '01'}`;
    case 'other-v':
      return `0x${r}${s}${other}`;
    case 'short':
      return right.slice(0, -2) as Hex;
    case 'long':
      return `${right}00`;
    case 'zero-r':
      return `0x${'0'.repeat(64)}${s}${v}`;
    case 'zero-s':
      return `0x${r}${'0'.repeat(64)}${v}`;
    case 'r-order':
      return `0x${hex(ORDER, 32)}${s}${v}`;
    case 'upper':
      return `0x${right.slice(2).toUpperCase()}`;
    case 'no-hex':
      return `${right.slice(0, -1)}g` as Hex;
    default:
      return right;
  }
}

function flipped(right: Hex, bit: number): Hex {
  const bytes = Buffer.from(right.slice(2), 'hex');
  bytes[bit >> 3]! ^= 1 << (bit & 7);
  return `0x${bytes.toString('hex')}`;
}

test('a key that was shown with a wrong signature first is not remembered wrong', () => {
  const check = new VoucherCheck(network);
  const [mine, other] = [keyOf('mine'), new SigningKey(`0x${'77'.repeat(32)}`)];
  const voucher: { channelId: Hex; sum: bigint } = { channelId: `0x${'01'.repeat(32)}`, sum: 5n };
  const forged = signVoucher(network, voucher, other);
  expect(accepts(() => check.verify(voucher.channelId, { max: 5n, signature: forged }, addressOf(mine)))).toBe(false);
  check.verify(voucher.channelId, { max: 5n, signature: signVoucher(network, voucher, mine) }, addressOf(mine));
  expect(accepts(() => check.verify(voucher.channelId, { max: 5n, signature: forged }, addressOf(mine)))).toBe(false);
});

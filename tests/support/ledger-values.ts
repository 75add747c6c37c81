// Channels and vouchers for tests of the ledger: each follows from its number, so that a process that comes later knows what an earlier one wrote.

import { createHash } from 'node:crypto';
import type { NewChannel } from '../../relay/ledger/channels.ts';
import type { Hex } from '../../src/core/wire/kinds.ts';

export const NOW = Date.UTC(2026, 10, 22);

/** `length` bytes that follow from a text. */
export function hexOf(text: string, length: number): Hex {
  const digest = createHash('sha512').update(text).digest('hex');
  return `0x${digest.repeat(2).slice(0, 2 * length)}`;
}

export function testChannel(number: number): NewChannel {
  const address = (name: string): Hex => hexOf(`${name} ${number}`, 20);
  return {
    id: hexOf(`channel ${number}`, 32),
    kind: number % 2 === 0 ? 'client' : 'transit',
    chainId: 84_532,
    config: {
      payer: address('payer'),
      payerAuthorizer: address('session key'),
      receiver: hexOf('receiver', 20),
      receiverAuthorizer: hexOf('receiver', 20),
      token: hexOf('token', 20),
      withdrawDelay: 86_400 + number,
      salt: hexOf(`salt ${number}`, 32),
    },
  };
}

/** The signature stands for the amount: a voucher of two halves is seen. */
export function testVoucher(number: number, max: bigint) {
  return { id: testChannel(number).id, max, signature: hexOf(`voucher ${number} ${max}`, 65) };
}

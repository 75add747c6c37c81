// Money that moves without a question: never more than was ticked, than the limits of a day and a session, never twice, never where the rest is being taken out.

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { promisable } from '../../../../src/core/payment/funds.ts';
import type { Hex } from '../../../../src/core/payment/hex.ts';
import { CHANNEL_STATES } from '../../../../src/core/payment/payment-status.ts';
import { encodePaymentBook, parsePaymentBook } from '../../../../src/core/session/parse-payment-book.ts';
import { newChannel } from '../../../../src/core/session/payer-channel.ts';
import {
  bookChannel,
  channelOf,
  EMPTY_BOOK,
  type BookChannel,
  type PaymentBook,
} from '../../../../src/core/session/payment-book.ts';
import { renewalAmount, withRenewalUsed } from '../../../../src/core/session/renewal.ts';
import { QUESTION } from '../../../support/payment-values.ts';

const DAY_MS = 86_400_000;
const idOf = (index: number): Hex => `0x${index.toString(16).padStart(64, '0')}`;
const SIGNATURE: Hex = `0x${'5e'.repeat(65)}`;
const SEALED = { iv: 'ab'.repeat(12), ct: 'cd'.repeat(81) };

/** A channel with a tenth left of 1,000, and so much to be renewed. */
function low(index: number, amount: bigint, change: Partial<BookChannel> = {}): BookChannel {
  const channel = newChannel(idOf(index), QUESTION.config);
  return bookChannel(
    {
      ...channel,
      ...{ funds: { ...channel.funds, safe: 1_000n }, paid: { signed: 900n, owed: 900n }, lastDeposit: 1_000n },
    },
    {
      ...{ key: index, peer: `p${index}`, operator: 'o', network: 'devnet', state: 'open' },
      renewal: { amount, validAfter: 0, validBefore: 100 * 86_400, salt: idOf(1000 + index), sealed: SEALED },
      ...change,
    },
  );
}

function use(book: PaymentBook, index: number, now: number): PaymentBook | undefined {
  const renewal = channelOf(book, idOf(index))?.renewal;
  const salt = renewal?.salt ?? idOf(1000 + index);
  return withRenewalUsed(
    book,
    idOf(index),
    // What was opened cannot change the amount.
    { amount: 10n ** 12n, validAfter: 0, validBefore: 1, salt, signature: SIGNATURE },
    { now, day: Math.floor(now / DAY_MS) },
  );
}

describe('what was signed ahead', () => {
  test('moves in a day and in a session no more than the limits of the moment, however many channels run low', () => {
    const amount = fc.bigInt(1n, 100n);
    fc.assert(
      fc.property(
        fc.array(amount, { minLength: 1, maxLength: 12 }),
        fc.array(fc.record({ channel: fc.nat(11), after: fc.nat(DAY_MS / 2) }), { maxLength: 40 }),
        ...[fc.bigInt(0n, 300n), fc.bigInt(0n, 600n)],
        (amounts, uses, perDay, perSession) => {
          let book: PaymentBook = {
            ...EMPTY_BOOK,
            limits: { perDay, perSession, askAbovePerGb: 0n },
            channels: amounts.map((each, index) => low(index, each)),
          };
          let now = DAY_MS;
          const days = new Map<number, bigint>();
          let session = 0n;
          for (const { channel, after } of uses) {
            now += after;
            const before = channelOf(book, idOf(channel));
            const used = use(book, channel, now);
            if (used === undefined) continue;
            const { amount: moved } = before!.renewal!;
            session += moved;
            days.set(Math.floor(now / DAY_MS), (days.get(Math.floor(now / DAY_MS)) ?? 0n) + moved);
            const after2 = channelOf(used, idOf(channel))!;
            expect(promisable(after2.funds) - promisable(before!.funds)).toBe(moved);
            expect(after2).toMatchObject({ renewal: undefined, isRenewing: true, deposit: { amount: moved } });
            expect(use(used, channel, now)).toBeUndefined();
            book = parsePaymentBook(JSON.parse(JSON.stringify(encodePaymentBook(used))));
          }
          expect(session).toBeLessThanOrEqual(perSession);
          for (const sum of days.values()) expect(sum).toBeLessThanOrEqual(perDay);
          expect(book.spending).toEqual(EMPTY_BOOK.spending);
        },
      ),
      { numRuns: 200 },
    );
  });

  test.each<[string, Partial<BookChannel>]>([
    ...CHANNEL_STATES.filter((state) => state !== 'open').map((state): [string, Partial<BookChannel>] => [
      `that is ${state}`,
      { state },
    ]),
    ['that has seen a timed withdrawal', { everWithdrew: true }],
    ['that was found again', { isFound: true }],
    ['into which a deposit is on its way', { deposit: { ...low(0, 1n).renewal!, signature: SIGNATURE } }],
    ['with more than a fifth left', { paid: { signed: 800n, owed: 800n } }],
    ['whose authorization is over in five minutes', { renewal: { ...low(0, 1n).renewal!, validBefore: 90_000 } }],
  ])('is not put into a channel %s', (_, change) => {
    const book = { ...EMPTY_BOOK, channels: [low(0, 1n, change)] };
    const now = 90_000_000 - 300_000;
    expect(use({ ...EMPTY_BOOK, channels: [low(0, 1n)] }, 0, now)).toBeDefined();
    expect(use(book, 0, now)).toBeUndefined();
  });

  test('is not used in the place of another one', () => {
    const book = { ...EMPTY_BOOK, channels: [low(0, 1n), low(1, 5n)] };
    const other = { ...book.channels[1]!.renewal!, signature: SIGNATURE };
    expect(withRenewalUsed(book, idOf(0), other, { now: DAY_MS, day: 1 })).toBeUndefined();
  });
});

test('what is offered is never more than the deposit or a limit, nor less than the relay takes', () => {
  const amount = fc.bigInt(0n, 1_000n);
  fc.assert(
    fc.property(amount, amount, amount, amount, (deposit, perDay, perSession, least) => {
      const offered = renewalAmount(deposit, { perDay, perSession, askAbovePerGb: 0n }, least);
      if (offered === undefined) return;
      for (const bound of [deposit, perDay, perSession]) expect(offered).toBeLessThanOrEqual(bound);
      expect(offered).toBeGreaterThanOrEqual(least);
      expect(offered).toBeGreaterThan(0n);
    }),
  );
  // $2 are deposited, $1 is the first limit of a day, and the least deposit.
  expect(renewalAmount(2_000_000n, EMPTY_BOOK.limits, 1_000_000n)).toBe(1_000_000n);
});

test('a book from before there were renewals is read as one without any', () => {
  const stored = JSON.parse(JSON.stringify(encodePaymentBook({ ...EMPTY_BOOK, channels: [low(0, 1n)] }))) as {
    renewed?: unknown;
    channels: Record<string, unknown>[];
  };
  delete stored.renewed;
  const { renewal: _, isRenewing: __, isFound: ___, ...old } = stored.channels[0]!;
  stored.channels = [old];
  const book = parsePaymentBook(stored);
  expect(book.renewed).toEqual(EMPTY_BOOK.renewed);
  expect(book.channels[0]).toMatchObject({ renewal: undefined, isRenewing: false, isFound: false });
});

// Invariant I4 over a lost book: a channel that was found again never leads to a promise below one that somebody has, nor to more than one increment beyond what is owed, and
// never to new money in it.

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Hex } from '../../../../src/core/payment/hex.ts';
import { adviseFor, withRenewalUsed } from '../../../../src/core/session/renewal.ts';
import { encodePaymentBook, parsePaymentBook } from '../../../../src/core/session/parse-payment-book.ts';
import { channelFor, channelOf, EMPTY_BOOK, type PaymentBook } from '../../../../src/core/session/payment-book.ts';
import { foundChannel, withFound, withRelay, type Found } from '../../../../src/core/session/found-channel.ts';
import { CHANNEL, INCREMENT, MIB, SessionWorld } from '../../../support/fakes/session-world.ts';
import { QUESTION } from '../../../support/payment-values.ts';

const RELAY = { peer: 'p', operator: 'o' };
const ID: Hex = `0x${'c4'.repeat(32)}`;
const facts = (balance: bigint, totalClaimed: bigint, pendingWithdrawal = 0n): Found['facts'] => ({
  ...{ balance, totalClaimed, pendingWithdrawal, initiatedAt: pendingWithdrawal > 0n ? 1_000n : 0n },
});
const found = (change: Partial<Found> = {}): Found => ({
  ...{ id: ID, config: QUESTION.config, facts: facts(5_000n, 900n), key: 7, relay: RELAY, ...change },
});

/** The browser's storage is gone, and the channel is found by the chain. */
function lose(world: SessionWorld, deposit: bigint): void {
  const { config } = world.channel;
  const { funds } = world.payee.disk;
  const again = foundChannel(
    { id: CHANNEL, config, facts: facts(deposit, funds.totalClaimed), key: 0, relay: RELAY },
    'devnet',
  );
  const { limits } = world.book;
  world.write({ ...EMPTY_BOOK, limits, channels: [{ ...again, state: 'open' }] });
  world.loseCount();
}

describe('a found channel', () => {
  test('goes on from the higher of what was claimed and what the relay shows, whatever had passed before', async () => {
    const traffic = fc.array(fc.bigInt(0n, 3n * MIB), { maxLength: 12 });
    await fc.assert(
      fc.asyncProperty(
        traffic,
        traffic,
        fc.nat(100),
        fc.boolean(),
        async (before, after, claimedPercent, restarted) => {
          const deposit = 20_000n;
          const world = new SessionWorld({ deposit });
          const play = async (steps: readonly bigint[]): Promise<void> => {
            for (const bytes of steps) {
              world.carry(bytes);
              await world.meter();
            }
          };
          await world.start();
          await play(before);
          const { voucher = 0n, funds } = world.payee.disk;
          funds.totalClaimed = (voucher * BigInt(claimedPercent)) / 100n;
          const had = world.signed.length;
          lose(world, deposit);
          await world.start(restarted);
          expect(world.channel.paid.signed).toBeGreaterThanOrEqual(voucher);
          await play(after);
          const fresh = world.signed.slice(had);
          for (const [at, sum] of fresh.entries()) expect(sum).toBeGreaterThanOrEqual(fresh[at - 1] ?? voucher);
          const { paid } = world.channel;
          expect(paid.signed).toBeLessThanOrEqual(paid.owed + INCREMENT);
          expect(paid.signed).toBeLessThanOrEqual(deposit);
          // An increment beyond what really came through or was claimed, and what counts may differ by.
          const { owed } = world.payee;
          const due = owed > funds.totalClaimed ? owed : funds.totalClaimed;
          expect(world.payee.disk.voucher ?? 0n).toBeLessThanOrEqual(due + INCREMENT + INCREMENT / 4n);
          expect(world.problems).toEqual([]);
        },
      ),
      { numRuns: 60 },
    );
  });

  test('at a relay that hides its last voucher and claims to be owed all the same is paid nothing more', async () => {
    const world = new SessionWorld({ deposit: 1_000_000n });
    await world.start();
    for (let round = 0; round < 30; round += 1) {
      world.carry(MIB);
      await world.meter();
    }
    world.payee.disk.voucher = undefined;
    const had = world.signed.length;
    lose(world, 1_000_000n);
    await world.start();
    world.carry(MIB);
    await world.meter();
    expect(world.problems).toHaveLength(1);
    // What was claimed, which is nothing, and the increments that a voucher is ahead by and counts may differ by (payer-channel.ts).
    for (const sum of world.signed.slice(had)) expect(sum).toBeLessThanOrEqual(3n * INCREMENT);
  });

  test('is never topped up: what else was signed on it is not known', () => {
    const renewal = { amount: 1n, validAfter: 0, validBefore: 10 ** 9, salt: ID, sealed: { iv: '', ct: '' } };
    const channel = {
      ...foundChannel(found({ facts: facts(5_000n, 4_999n) }), 'devnet'),
      state: 'open',
      renewal,
    } as const;
    expect(adviseFor({ ...channel, lastDeposit: 5_000n })).toBe('new-channel');
    const book = { ...EMPTY_BOOK, channels: [{ ...channel, lastDeposit: 5_000n }] };
    const signed = { ...renewal, signature: `0x${'5e'.repeat(65)}` as const };
    expect(withRenewalUsed(book, ID, signed, { now: 0, day: 0 })).toBeUndefined();
  });

  test('pays nobody before the person says so', () => {
    const book = withFound(EMPTY_BOOK, [found()], 'devnet');
    expect(channelFor(book, { ...RELAY, receiver: QUESTION.config.receiver, network: 'devnet' })).toBeUndefined();
    expect(book.nextKey).toBe(8);
    expect(parsePaymentBook(JSON.parse(JSON.stringify(encodePaymentBook(book))))).toEqual(book);
  });

  test('whose withdrawal was begun elsewhere is being withdrawn, with its clock', () => {
    const [channel] = withFound(EMPTY_BOOK, [found({ facts: facts(5_000n, 900n, 4_100n) })], 'devnet').channels;
    expect(channel).toMatchObject({ state: 'withdrawing', everWithdrew: true, refundAt: 1_000_000 + 86_400_000 });
  });

  test('that is empty is not shown, and one that was shown and is empty now is closed', () => {
    expect(withFound(EMPTY_BOOK, [found({ facts: facts(900n, 900n) })], 'devnet').channels).toEqual([]);
    const book = withFound(EMPTY_BOOK, [found()], 'devnet');
    expect(withFound(book, [found({ facts: facts(900n, 900n) })], 'devnet').channels[0]?.state).toBe('closed');
  });

  test('gets its relay when one shows that it is paid at its address, and no other channel does', () => {
    const { receiver } = QUESTION.config;
    const book = withFound(EMPTY_BOOK, [found({ relay: undefined })], 'devnet');
    expect(withRelay(book, RELAY, `0x${'13'.repeat(20)}`)).toBe(book);
    expect(channelOf(withRelay(book, RELAY, receiver), ID)).toMatchObject(RELAY);
    const mine = withFound(EMPTY_BOOK, [found()], 'devnet');
    expect(withRelay(mine, { peer: 'q', operator: 'r' }, receiver)).toBe(mine);
  });
});

describe('a channel that is in the book', () => {
  const inUse = (change: Partial<PaymentBook['channels'][number]>): PaymentBook => ({
    ...EMPTY_BOOK,
    channels: [{ ...foundChannel(found(), 'devnet'), isFound: false, ...change }],
  });

  test.each(['opening', 'open', 'closing', 'withdrawing'] as const)('and %s is left as it is', (state) => {
    const book = inUse({ state, paid: { signed: 3_000n, owed: 3_000n } });
    expect(withFound(book, [found({ facts: facts(5_000n, 0n) })], 'devnet')).toEqual(book);
  });

  test('and was closed, but whose rest has not come back, is shown again, and what was signed stays signed', () => {
    const book = inUse({ state: 'closed', paid: { signed: 3_000n, owed: 2_500n }, everWithdrew: true, drift: 5n });
    expect(withFound(book, [found({ facts: facts(5_000n, 900n) })], 'devnet').channels).toMatchObject([
      { state: 'found', paid: { signed: 3_000n, owed: 2_500n }, everWithdrew: true, drift: 5n },
    ]);
  });
});

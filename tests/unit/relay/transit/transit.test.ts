// What an entry decides when it pays its exits: whose terms it takes, when it deposits, what it counts, and what it keeps before it sends.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { openLedger, type Ledger } from '../../../../relay/ledger/ledger.ts';
import { MAX_READ_BUFFER } from '../../../../relay/net/limits.ts';
import { TransitBook } from '../../../../relay/transit/book.ts';
import { createTransitKeys } from '../../../../relay/transit/keys.ts';
import { judgeTerms, mayDeposit, needOf } from '../../../../relay/transit/terms.ts';
import { MAX_FRAME } from '../../../../relay/net/bridge.ts';
import { ExitTraffic } from '../../../../relay/transit/traffic.ts';
import type { RelayQuote } from '../../../../src/core/payment/quote.ts';
import {
  newChannel,
  withDeposit,
  withDepositState,
  type PayerChannel,
} from '../../../../src/core/session/payer-channel.ts';
import { addressOf, keyOf, network } from '../../../support/session-payee.ts';

const ONE = 1_000_000n;
const payer = addressOf(keyOf('entry'));
const receiver = addressOf(keyOf('exit'));
const limits = { pricePerMiB: 73n, deposit: ONE, most: 3n * ONE };
const terms: RelayQuote = {
  peerId: '12D3KooWExit',
  receiver,
  token: network.token.address,
  withdrawDelay: 86_400,
  minDeposit: ONE,
  entryPricePerMiB: 0n,
  exitPricePerMiB: 73n,
  incrementBytes: 64n << 20n,
  graceBytes: 48n << 20n,
  validFrom: 0,
  validUntil: 7200,
};
const keys = createTransitKeys({ key: keyOf('entry'), address: payer }, network);

function makeChannel(epoch = 0n): PayerChannel {
  const { id, config } = keys.newChannel(terms, epoch);
  return newChannel(id, config);
}

const deposited = (channel: PayerChannel, amount = ONE): PayerChannel =>
  withDeposit(channel, keys.signDeposit(channel.config, amount, 1_700_000_000_000));

describe('terms', () => {
  test('takes what clients pay for it, and nothing above', () => {
    expect(judgeTerms(terms, limits, payer)).toBeUndefined();
    expect(judgeTerms({ ...terms, exitPricePerMiB: 74n }, limits, payer)).toBe('too-dear');
    expect(judgeTerms({ ...terms, entryPricePerMiB: 1n }, limits, payer)).toBe('too-dear');
  });

  test.each([
    [{ minDeposit: ONE + 1n }, 'deposit-too-small'],
    [{ receiver: payer }, 'pays-itself'],
    [{ withdrawDelay: 8 * 86_400 }, 'delay-too-long'],
  ] as const)('refuses %o', (change, fault) => {
    expect(judgeTerms({ ...terms, ...change }, limits, payer)).toBe(fault);
  });

  test('deposits while there is money, and never more at once than the configuration says', () => {
    expect(mayDeposit(limits, 2n * ONE, ONE)).toBe(true);
    expect(mayDeposit(limits, 2n * ONE + 1n, 9n * ONE)).toBe(false);
    expect(mayDeposit(limits, 0n, ONE - 1n)).toBe(false);
  });

  test('fills a channel when a fifth is left, once, and takes another after a withdrawal', () => {
    expect(needOf(undefined)).toBe('new-channel');
    const pending = deposited(makeChannel());
    expect(needOf(pending)).toBe('nothing');
    // Not before the one that is under way is known to be in a block: its place in the book would be lost.
    expect(needOf({ ...pending, paid: { signed: 900_000n, owed: 0n } })).toBe('nothing');
    const safe = withDepositState(pending, 'safe');
    expect(needOf(safe)).toBe('nothing');
    const low = { ...safe, paid: { signed: 800_001n, owed: 0n } };
    expect(needOf(low)).toBe('deposit');
    expect(needOf(deposited(low))).toBe('nothing');
    expect(needOf({ ...low, everWithdrew: true })).toBe('new-channel');
  });
});

describe('own count', () => {
  test('bears out what was copied, what is on its way, and what was lost with a tunnel that was cut; no more', () => {
    const traffic = new ExitTraffic();
    const other = traffic.tunnel('k51other');
    other.passed(5);
    const inHands = 2 * MAX_FRAME;
    const most = () => Number(traffic.total('k51exit').most);
    const first = traffic.tunnel('k51exit');
    expect(most()).toBe(256 * 1024 + inHands);
    first.passed(1000);
    expect(most()).toBe(1000 + MAX_READ_BUFFER + inHands);
    first.ended(true);
    expect(most()).toBe(1000);
    const second = traffic.tunnel('k51exit');
    second.passed(100_000_000);
    // A session that begins now has all of that behind it, and what is on its way before it.
    expect(traffic.begin('k51exit').most).toBe(100_001_000n);
    second.ended(false);
    expect(most()).toBe(100_001_000 + MAX_READ_BUFFER + inHands);
    expect(traffic.total('k51exit').least).toBe(0n);
  });
});

describe('book', () => {
  let folder: string;
  let ledger: Ledger;
  let book: TransitBook;
  const open = (): void => {
    ledger = openLedger({ path: join(folder, 'ledger.db'), entry: true });
    const { outgoing } = ledger;
    const sign = (id: `0x${string}`, sum: bigint) => keys.signVoucher(id, sum);
    book = new TransitBook({ outgoing, chainId: network.chainId, sign, now: () => 1 });
  };
  /** As a kill would leave it: what was not on the disk is lost. */
  const again = (): void => {
    ledger.close();
    open();
  };
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'transit-'));
    open();
  });
  afterEach(() => {
    ledger.close();
    rmSync(folder, { recursive: true });
  });

  test('a voucher is on the disk, signed by the session key, when the engine hears of it', async () => {
    const channel = makeChannel();
    await book.add('k51exit', channel);
    const promised = await book.of('k51exit').promise(channel.id, (now) => ({ channel: now, sum: 500n }), 73n);
    expect(promised.is).toBe('promised');
    const [kept] = ledger.outgoing.list();
    expect(kept!.voucher!.max).toBe(500n);
    expect(keys.isOwn(channel, kept!.voucher!)).toBe(true);
    expect(channel.config.payerAuthorizer).not.toBe(payer);
  });

  test('comes back as it was after a restart: sums, the deposit that is under way, the drift', async () => {
    const channel = makeChannel();
    await book.add('k51exit', channel);
    const own = book.of('k51exit');
    await own.change(channel.id, (now) => ({ ...deposited(now), drift: 7n, counted: { epoch: 'e', most: 9n } }));
    await own.promise(channel.id, (now) => ({ channel: { ...now, paid: { ...now.paid, owed: 3n } }, sum: 80n }), 73n);
    const before = book.channelFor('k51exit', receiver);
    again();
    expect(book.channelFor('k51exit', receiver)).toEqual(before);
    expect(before).toMatchObject({ paid: { signed: 80n, owed: 3n }, drift: 7n, deposit: { amount: ONE } });
    expect(book.unspent()).toBe(ONE - 80n);
    expect(book.channelsWith(receiver)).toBe(1n);
  });

  test('whatever is promised in whatever order, and restarts between, the sum on the disk is the highest and never falls', async () => {
    let epoch = 0n;
    await fc.assert(
      fc.asyncProperty(fc.array(fc.option(fc.bigInt(0n, 1000n)), { maxLength: 12 }), async (steps) => {
        const channel = makeChannel((epoch += 1n));
        await book.add('k51exit', channel);
        let highest = 0n;
        for (const step of steps) {
          if (step === null) again();
          else {
            const promised = await book.of('k51exit').promise(channel.id, (now) => ({ channel: now, sum: step }), 73n);
            expect(promised.is).toBe(step > highest ? 'promised' : 'nothing');
            highest = step > highest ? step : highest;
          }
          const kept = ledger.outgoing.list().find(({ id }) => id === channel.id);
          expect(kept!.voucher?.max ?? 0n).toBe(highest);
        }
      }),
      { numRuns: 15 },
    );
  });

  test('a channel of another receiver, another exit, or that saw a withdrawal is not used', async () => {
    const channel = makeChannel();
    await book.add('k51exit', channel);
    expect(book.channelFor('k51exit', receiver)?.id).toBe(channel.id);
    expect(book.channelFor('k51exit', payer)).toBeUndefined();
    expect(book.channelFor('k51other', receiver)).toBeUndefined();
    await book.of('k51exit').change(channel.id, (now) => ({ ...now, everWithdrew: true }));
    expect(book.channelFor('k51exit', receiver)).toBeUndefined();
  });

  test('a channel that is being closed pays nobody and stays so over restarts; its money counts until it is back', async () => {
    const channel = makeChannel();
    await book.add('k51exit', channel);
    await book.of('k51exit').change(channel.id, (now) => deposited(now));
    await book.end(channel.id, 'closing');
    again();
    expect(book.channelFor('k51exit', receiver)).toBeUndefined();
    expect(book.unspent()).toBe(ONE);
    expect(book.hasLeft('k51exit')).toBe(false);
    // The last voucher of the closing is written, and does not open it again.
    await book.ofChannel(channel.id).promise(channel.id, (now) => ({ channel: now, sum: 70n }), 0n);
    again();
    expect(book.unclosed()).toMatchObject([{ state: 'closing', channel: { paid: { signed: 70n } } }]);
    await book.end(channel.id, 'closed');
    await book.end(channel.id, 'closing');
    again();
    expect([book.unclosed(), book.unspent(), book.hasLeft('k51exit')]).toEqual([[], 0n, true]);
    await book.add('k51exit', makeChannel(1n));
    expect(book.hasLeft('k51exit')).toBe(false);
  });
});

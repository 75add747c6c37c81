// What the ledger keeps, against what an attacker, a late message or a bug would make of it.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { DepositStep, NewDeposit } from '../../../../relay/ledger/deposits.ts';
import { LedgerError, type LedgerErrorCode } from '../../../../relay/ledger/ledger-error.ts';
import { openLedger, type Ledger } from '../../../../relay/ledger/ledger.ts';
import { hexOf, NOW, testChannel, testVoucher } from '../../../support/ledger-values.ts';

const MAX = (1n << 128n) - 1n;

let folder: string;
let ledger: Ledger;
const reopen = (): void => {
  ledger.close();
  ledger = openLedger({ path: join(folder, 'ledger.db'), entry: true });
};
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'ledger-'));
  ledger = openLedger({ path: join(folder, 'ledger.db'), entry: true });
});
afterEach(() => {
  ledger.close();
  rmSync(folder, { recursive: true });
});

async function codeOf(work: Promise<unknown>): Promise<LedgerErrorCode | undefined> {
  try {
    await work;
  } catch (error) {
    if (error instanceof LedgerError) return error.code;
    throw error;
  }
  return undefined;
}

describe('vouchers of channels', () => {
  test('in any order, at once or one after another, over restarts: exactly the rising ones are credited', async () => {
    let next = 0;
    const amount = fc.oneof(fc.bigInt({ min: 0n, max: 40n }), fc.bigInt({ min: 0n, max: MAX }));
    const step = fc.oneof({ weight: 9, arbitrary: amount }, { weight: 1, arbitrary: fc.constant('restart' as const) });
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 30 }), fc.boolean(), async (steps, atOnce) => {
        const number = (next += 1);
        await ledger.channels.open(testChannel(number), NOW);
        let best: bigint | undefined;
        let running: Promise<void>[] = [];
        for (const max of steps) {
          if (max === 'restart') {
            await Promise.all(running);
            reopen();
            continue;
          }
          const rises = best === undefined || max > best;
          if (rises) best = max;
          running.push(
            codeOf(ledger.channels.creditVoucher(testVoucher(number, max), NOW)).then((code) =>
              expect(code).toBe(rises ? undefined : 'not-advancing'),
            ),
          );
          if (atOnce) continue;
          await Promise.all(running);
          running = [];
        }
        await Promise.all(running);
        const { voucher } = ledger.channels.get(testChannel(number).id)!;
        const { max, signature } = testVoucher(number, best ?? 0n);
        expect(voucher).toEqual(best === undefined ? undefined : { max, signature });
      }),
    );
  });

  test('the config stands whole, and another under the same id is refused', async () => {
    const channel = testChannel(1);
    await ledger.channels.open(channel, NOW);
    await ledger.channels.open(channel, NOW + 5);
    const other = { ...channel, config: { ...channel.config, withdrawDelay: 900 } };
    expect(await codeOf(ledger.channels.open(other, NOW))).toBe('conflict');
    expect(await codeOf(ledger.channels.open({ ...channel, chainId: 1 }, NOW))).toBe('conflict');
    reopen();
    expect(ledger.channels.list()).toEqual([
      expect.objectContaining({ ...channel, openedAt: NOW, state: 'open', voucher: undefined, balance: 0n, owed: 0n }),
    ]);
  });

  test.each([-1n, MAX + 1n])('a mark of %s units is refused', async (mark) => {
    await ledger.channels.open(testChannel(1), NOW);
    expect(() => ledger.channels.reserve(testChannel(1).id, mark)).toThrow('128 bits');
    expect(ledger.channels.get(testChannel(1).id)?.reserved).toBe(0n);
  });

  test('a voucher without its channel, and one for a closed channel', async () => {
    expect(await codeOf(ledger.channels.creditVoucher(testVoucher(1, 1n), NOW))).toBe('unknown-channel');
    await ledger.channels.open(testChannel(1), NOW);
    await ledger.channels.setState(testChannel(1).id, 'closed');
    expect(await codeOf(ledger.channels.creditVoucher(testVoucher(1, 1n), NOW))).toBe('wrong-state');
    expect(await codeOf(ledger.channels.setState(testChannel(2).id, 'closed'))).toBe('unknown-channel');
  });

  test.each<[string, object]>([
    ['an amount of 129 bits', { max: MAX + 1n }],
    ['a negative amount', { max: -1n }],
    ['a signature of 64 bytes', { signature: hexOf('short', 64) }],
    ['an id that is no hexadecimal', { id: `0x${'zz'.repeat(32)}` }],
  ])('%s is refused, and the ones beside it in the batch are kept', async (_, wrong) => {
    await Promise.all([1, 2].map((number) => ledger.channels.open(testChannel(number), NOW)));
    const [first, bad, second] = await Promise.all([
      codeOf(ledger.channels.creditVoucher(testVoucher(1, 7n), NOW)),
      codeOf(ledger.channels.creditVoucher({ ...testVoucher(1, 9n), ...wrong }, NOW)),
      codeOf(ledger.channels.creditVoucher(testVoucher(2, 8n), NOW)),
    ]);
    expect([first, bad, second]).toEqual([undefined, 'bad-value', undefined]);
    expect(ledger.channels.list().map(({ voucher }) => voucher?.max)).toEqual(expect.arrayContaining([7n, 8n]));
  });

  test('counters never fall, and what the chain says is kept as it says it', async () => {
    const { id } = testChannel(1);
    await ledger.channels.open(testChannel(1), NOW);
    await ledger.channels.count(id, { bytesUp: 10n, bytesDown: 1n << 40n, owed: 500n });
    await ledger.channels.count(id, { bytesUp: 20n, bytesDown: 5n, owed: 256n });
    ledger.channels.reserve(id, 900n);
    ledger.channels.reserve(id, 800n);
    const seen = { balance: MAX, claimed: 4n, pendingWithdrawal: 3n, withdrawAt: NOW, seenBlock: 12 };
    await ledger.channels.saw(id, seen);
    reopen();
    const served = { bytesUp: 20n, bytesDown: 1n << 40n, owed: 500n, reserved: 900n };
    expect(ledger.channels.get(id)).toMatchObject({ ...seen, ...served });
    const code = await codeOf(ledger.channels.count(id, { bytesUp: 1n << 63n, bytesDown: 0n, owed: 0n }));
    expect(code).toBe('bad-value');
  });

  test('after the end nothing is taken', async () => {
    ledger.close();
    expect(await codeOf(ledger.channels.open(testChannel(1), NOW))).toBe('unavailable');
    ledger = openLedger({ path: join(folder, 'ledger.db'), entry: true });
    expect(ledger.channels.list()).toEqual([]);
  });

  test('what waits at the end is committed first', async () => {
    const waiting = ledger.channels.open(testChannel(1), NOW);
    reopen();
    await waiting;
    expect(ledger.channels.list()).toHaveLength(1);
  });
});

describe('deposits', () => {
  const deposit: NewDeposit = {
    nonce: hexOf('nonce', 32),
    channelId: testChannel(1).id,
    amount: 2_000_000n,
    validAfter: 0,
    validBefore: 1_800_000_000,
    salt: hexOf('deposit salt', 32),
    signature: hexOf('deposit', 65),
  };

  test('the same again is known, another under its nonce is refused, and none without its channel', async () => {
    expect(await codeOf(ledger.deposits.save(deposit, NOW))).toBe('unknown-channel');
    await ledger.channels.open(testChannel(1), NOW);
    expect(await ledger.deposits.save(deposit, NOW)).toEqual({ ...deposit, state: 'pending', savedAt: NOW });
    await ledger.deposits.move(deposit.nonce, 'unsafe', {
      txHash: hexOf('tx', 32),
      block: 5,
      blockHash: hexOf('b', 32),
    });
    reopen();
    expect(await ledger.deposits.save(deposit, NOW + 9)).toMatchObject({ state: 'unsafe', block: 5, savedAt: NOW });
    expect(await codeOf(ledger.deposits.save({ ...deposit, amount: 3n }, NOW))).toBe('conflict');
    expect(ledger.deposits.list()).toHaveLength(1);
  });

  test('a block may be undone until it is safe, and a step back from safe or failed is refused', async () => {
    await ledger.channels.open(testChannel(1), NOW);
    const right: DepositStep[] = ['pending', 'unsafe', 'pending', 'unsafe', 'safe'];
    await ledger.deposits.save(deposit, NOW);
    for (const state of right) await ledger.deposits.move(deposit.nonce, state);
    for (const state of ['pending', 'unsafe', 'failed'] as const) {
      expect(await codeOf(ledger.deposits.move(deposit.nonce, state))).toBe('wrong-state');
    }
    const failed = { ...deposit, nonce: hexOf('other', 32) };
    await ledger.deposits.save(failed, NOW);
    await ledger.deposits.move(failed.nonce, 'failed');
    expect(await codeOf(ledger.deposits.move(failed.nonce, 'pending'))).toBe('wrong-state');
    expect(await codeOf(ledger.deposits.move(hexOf('none', 32), 'safe'))).toBe('wrong-state');
  });
});

describe('transactions of the relay', () => {
  const account = hexOf('account', 20);
  const claim = {
    chainId: 1,
    account,
    nonce: 0,
    kind: 'claim' as const,
    channels: [{ id: testChannel(1).id, max: 9n }],
  };

  test('a nonce is taken once, on each chain, and again when it was dropped', async () => {
    const id = await ledger.transactions.prepare(claim, NOW);
    expect(await codeOf(ledger.transactions.prepare({ ...claim, channels: [] }, NOW))).toBe('conflict');
    await ledger.transactions.prepare({ ...claim, chainId: 2 }, NOW);
    expect(ledger.transactions.nextNonce(1, account)).toBe(1);
    await ledger.transactions.end(id, 'dropped');
    expect(ledger.transactions.nextNonce(1, account)).toBe(0);
    await ledger.transactions.prepare(claim, NOW);
    expect(ledger.transactions.list(['prepared']).map(({ chainId }) => chainId)).toEqual([2, 1]);
  });

  test('one that is refused half way leaves nothing, and what stands beside it is kept', async () => {
    const half = { ...claim, channels: [...claim.channels, { id: testChannel(2).id, max: -1n }] };
    const [refused, beside] = await Promise.all([
      codeOf(ledger.transactions.prepare(half, NOW)),
      codeOf(ledger.channels.open(testChannel(1), NOW)),
    ]);
    expect([refused, beside]).toEqual(['bad-value', undefined]);
    expect(ledger.transactions.list()).toEqual([]);
    expect(ledger.channels.list()).toHaveLength(1);
  });

  test('what was sent is known after a restart, with the hash of each gas price', async () => {
    const id = await ledger.transactions.prepare(claim, NOW);
    await ledger.transactions.sent(id, hexOf('first', 32), NOW + 1);
    await ledger.transactions.sent(id, hexOf('dearer', 32), NOW + 2);
    reopen();
    const kept = { ...claim, id, preparedAt: NOW, hashes: [hexOf('first', 32), hexOf('dearer', 32)] };
    expect(ledger.transactions.list()).toEqual([{ ...kept, state: 'sent', block: undefined }]);
    await ledger.transactions.end(id, 'mined', 77);
    expect(await codeOf(ledger.transactions.sent(id, hexOf('late', 32), NOW))).toBe('wrong-state');
    expect(await codeOf(ledger.transactions.end(id, 'dropped'))).toBe('wrong-state');
    await ledger.transactions.reopen(id);
    expect(ledger.transactions.list(['sent'])).toMatchObject([{ block: undefined }]);
  });
});

describe('channels that this relay pays', () => {
  test('a voucher only rises, over restarts too', async () => {
    const { id, chainId, config } = testChannel(3);
    const outgoing = { id, chainId, config, peer: 'k51peer' };
    expect(await codeOf(ledger.outgoing.saveVoucher(testVoucher(3, 1n), NOW))).toBe('unknown-channel');
    await ledger.outgoing.open(outgoing, NOW);
    await ledger.outgoing.open(outgoing, NOW);
    expect(await codeOf(ledger.outgoing.open({ ...outgoing, peer: 'k51other' }, NOW))).toBe('conflict');
    await ledger.outgoing.saveVoucher(testVoucher(3, 255n), NOW);
    reopen();
    expect(await codeOf(ledger.outgoing.saveVoucher(testVoucher(3, 255n), NOW))).toBe('not-advancing');
    await ledger.outgoing.saveVoucher(testVoucher(3, 256n), NOW);
    await ledger.outgoing.update(id, { state: 'closing', balance: 1000n, owed: 300n });
    await ledger.outgoing.update(id, { state: 'closed', balance: 1000n, owed: 200n });
    expect(ledger.outgoing.list()).toMatchObject([
      { ...outgoing, state: 'closed', owed: 300n, voucher: { max: 256n } },
    ]);
    expect(await codeOf(ledger.outgoing.saveVoucher(testVoucher(3, 257n), NOW))).toBe('wrong-state');
  });
});

test('an error says nothing of what was to be written', async () => {
  const { signature } = testVoucher(1, 1n);
  const error: unknown = await ledger.channels
    .creditVoucher(testVoucher(1, 1n), NOW)
    .catch((reason: unknown) => reason);
  const { message, stack } = error as Error;
  expect(`${message}${stack}`).not.toContain(signature.slice(2, 20));
});

// Invariant I4 on the payer's side, with the whole engine: in any order of traffic, meters, lies, deaths of the worker between any two of its steps, and restarts
// of the payee, no more than one increment beyond what is owed is signed, nothing is signed that the next worker does not know, and no limit is passed.

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { owedFor } from '../../../../src/core/payment/price.ts';
import type { WireDeposit } from '../../../../src/core/wire/session-parts.ts';
import { INCREMENT, MIB, SessionWorld } from '../../../support/fakes/session-world.ts';

const KIB = 1024n;

type Step =
  | { is: 'traffic'; bytes: bigint }
  | { is: 'meter' }
  | { is: 'kill'; after: number }
  | { is: 'restart'; payee: boolean; count: boolean }
  | { is: 'lie'; bytes: bigint; owed: bigint };

const bytes = fc.oneof(fc.bigInt(0n, 64n * KIB), fc.bigInt(0n, 3n * MIB));
const honest: fc.Arbitrary<Step>[] = [
  fc.record({ is: fc.constant('traffic' as const), bytes }),
  fc.record({ is: fc.constant('traffic' as const), bytes }),
  fc.constant({ is: 'meter' as const }),
  fc.constant({ is: 'meter' as const }),
  fc.record({ is: fc.constant('kill' as const), after: fc.nat(14) }),
  fc.record({ is: fc.constant('restart' as const), payee: fc.boolean(), count: fc.constant(false) }),
];
/** The whole browser dies: with the worker goes its count. */
const crash: fc.Arbitrary<Step> = fc.constant({ is: 'restart', payee: false, count: true });
const lying: fc.Arbitrary<Step> = fc.record({
  is: fc.constant('lie' as const),
  bytes: fc.bigInt(0n, 40n * MIB),
  owed: fc.bigInt(0n, 10_000n),
});

async function play(world: SessionWorld, steps: readonly Step[]): Promise<void> {
  await world.start();
  for (const step of steps) {
    if (step.is === 'traffic') world.carry(step.bytes);
    else if (step.is === 'meter') await world.meter();
    else if (step.is === 'kill') world.killAfter(step.after);
    else if (step.is === 'restart') {
      if (step.count) world.loseCount();
      await world.start(step.payee);
    } else world.payee.lies = { bytes: step.bytes, owed: step.owed };
    check(world);
  }
}

/** What must hold after each step. */
function check(world: SessionWorld): void {
  const { paid, drift } = world.channel;
  const highest = world.signed.reduce((a, b) => (b > a ? b : a), 0n);
  expect(highest).toBeLessThanOrEqual(paid.signed);
  expect(paid.signed).toBeLessThanOrEqual(paid.owed + INCREMENT);
  // By what really came through: 5 % and 64 KiB for each time the counts began anew, and what was let pass (payer-channel.ts).
  const streams = BigInt(world.streams);
  const slack = owedFor(world.receivedInAll / 20n + 64n * KIB * streams, 105n) + streams;
  expect(paid.owed).toBeLessThanOrEqual(owedFor(world.receivedInAll, 105n) + slack + drift);
  expect(drift).toBeLessThanOrEqual(INCREMENT + paid.signed / 20n);
  expect(world.book.spending.session).toBe(paid.signed);
}

describe('the payer', () => {
  test('never has more than one increment at risk, and never signs what it does not know', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.oneof(...honest, crash, lying), { maxLength: 40 }),
        fc.bigInt(0n, 20_000n),
        async (steps, deposit) => {
          const world = new SessionWorld({ deposit });
          await play(world, steps);
          expect(world.channel.paid.signed).toBeLessThanOrEqual(deposit);
        },
      ),
      { numRuns: 150 },
    );
  });

  test('never passes a limit of the person, in whatever order things come', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.oneof(...honest, crash, lying), { maxLength: 30 }),
        fc.bigInt(0n, 700n),
        fc.bigInt(0n, 700n),
        async (steps, perDay, perSession) => {
          const world = new SessionWorld({ deposit: 1_000_000n, limits: { perDay, perSession } });
          await play(world, steps);
          const { today, session } = world.book.spending;
          expect(today).toBeLessThanOrEqual(perDay);
          expect(session).toBeLessThanOrEqual(perSession);
        },
      ),
      { numRuns: 80 },
    );
  });

  test('an honest payee carries everything, whatever dies between two steps on the way', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.oneof(...honest), { maxLength: 25 }), async (steps) => {
        // Each restart of the payee leaves it up to a quarter of an increment ahead: what a relay does in months.
        fc.pre(steps.filter((step) => step.is === 'restart' && step.payee).length <= 4);
        const world = new SessionWorld({ deposit: 1_000_000n });
        await play(world, steps);
        world.killAfter(Infinity);
        await world.start();
        let left = 20n * MIB;
        for (let round = 0; round < 60 && left > 0n; round += 1) {
          left -= world.carry(left);
          await world.meter();
        }
        expect(world.problems).toEqual([]);
        expect(left).toBe(0n);
      }),
      { numRuns: 60 },
    );
  });

  test('where nobody counts, what passed while the worker was dead is paid, however often it dies', async () => {
    const world = new SessionWorld({ deposit: 1_000_000n });
    world.uncounted = true;
    await world.start();
    for (let death = 0; death < 20; death += 1) {
      // All that the credit covers, and nobody hears a meter of it.
      world.carry(4n * MIB);
      await world.start();
    }
    expect(world.problems).toEqual([]);
    expect(world.carry(MIB)).toBe(MIB);
    expect(world.channel.paid.signed).toBeGreaterThanOrEqual(owedFor(world.receivedInAll - MIB, 105n));
  });

  test('signs in increments: a hundred megabytes take about a hundred vouchers', async () => {
    const world = new SessionWorld({ deposit: 1_000_000n });
    await world.start();
    for (let round = 0; round < 200; round += 1) {
      world.carry(MIB / 2n);
      await world.meter();
    }
    const vouchers = world.sent.filter(({ body }) => body.type === 'voucher');
    expect(vouchers.length).toBeGreaterThan(90);
    expect(vouchers.length).toBeLessThan(210);
    expect(world.channel.paid.signed).toBeGreaterThanOrEqual(owedFor(100n * MIB, 105n));
  });

  test('stops paying a payee that counts more than came, and says why', async () => {
    const world = new SessionWorld({ deposit: 1_000_000n });
    await world.start();
    world.payee.lies = { bytes: 20n * MIB, owed: 2_100n };
    for (let round = 0; round < 30; round += 1) {
      world.carry(MIB);
      await world.meter();
    }
    expect(world.problems).toEqual(['meter_apart']);
    const after = world.signed.length;
    await world.meter();
    expect(world.signed.length).toBe(after);
  });

  test('is held at the limit, and goes on when the person raises it', async () => {
    const world = new SessionWorld({ deposit: 1_000_000n, limits: { perDay: 300n } });
    await world.start();
    for (let round = 0; round < 10; round += 1) {
      world.carry(MIB);
      await world.meter();
    }
    expect(new Set(world.problems)).toEqual(new Set(['day_limit']));
    expect(world.book.problem).toBe('day_limit');
    world.write({ ...world.book, limits: { ...world.book.limits, perDay: 10_000n } });
    await world.payer?.again();
    await world.settle();
    expect(world.carry(MIB)).toBe(MIB);
    expect(world.book.problem).toBeUndefined();
  });

  test('asks for a top-up when a fifth is left', async () => {
    const world = new SessionWorld({ deposit: 2_000n });
    await world.start();
    for (let round = 0; round < 14; round += 1) {
      world.carry(MIB);
      await world.meter();
    }
    expect(world.advice).toEqual([]);
    for (let round = 0; round < 4; round += 1) {
      world.carry(MIB);
      await world.meter();
    }
    expect(world.advice).toContain('top-up');
  });

  test.each([undefined, 'deposit_failed'] as const)(
    'goes on paying while a top-up is under way, and when it is answered with %s',
    async (refusal) => {
      const world = new SessionWorld({ deposit: 2_000n });
      const deposit: WireDeposit = {
        ...{ amount: 5_000n, validAfter: 0, validBefore: 2 ** 40, salt: `0x${'9e'.repeat(32)}` },
        signature: `0x${'5e'.repeat(65)}`,
      };
      await world.start();
      world.payee.refusesDeposit = refusal;
      const receive = world.payee.receive.bind(world.payee);
      const { promise: answered, resolve: answer } = Promise.withResolvers<undefined>();
      world.payee.receive = (message) =>
        message.body.type === 'topUp' ? void answered.then(() => receive(message)) : receive(message);
      const topUp = world.payer!.deposit(world.channel, deposit);
      let carried = 0n;
      for (let round = 0; round < 8; round += 1) {
        carried += world.carry(MIB);
        await world.meter();
      }
      expect(carried).toBe(8n * MIB);
      answer(undefined);
      await (refusal === undefined ? topUp : expect(topUp).rejects.toThrow(refusal));
      for (let round = 0; round < 60; round += 1) {
        carried += world.carry(MIB);
        await world.meter();
      }
      const { funds, deposit: left, paid } = world.channel;
      expect(left).toBeUndefined();
      expect(funds.safe + funds.unsafe).toBe(refusal === undefined ? 7_000n : 2_000n);
      expect(paid.signed).toBeLessThanOrEqual(funds.safe);
      expect(carried).toBeGreaterThanOrEqual((refusal === undefined ? 60n : 18n) * MIB);
      expect(world.problems).toEqual([]);
    },
  );

  test('takes up a voucher of its own that it does not know any more, and never signs below it', async () => {
    const world = new SessionWorld({ deposit: 1_000_000n });
    await world.start();
    for (let round = 0; round < 5; round += 1) {
      world.carry(MIB);
      await world.meter();
    }
    const { signed } = world.channel.paid;
    const [channel] = world.book.channels;
    world.write({ ...world.book, channels: [{ ...channel!, paid: { signed: 0n, owed: 0n } }] });
    await world.start();
    expect(world.channel.paid.signed).toBe(signed);
    // Not spent a second time.
    expect(world.book.spending.session).toBe(signed);
    expect(world.problems).toEqual([]);
  });

  test('pays on when the payee cannot close now', async () => {
    const world = new SessionWorld({ deposit: 1_000_000n });
    await world.start();
    world.payee.closes = 'unavailable';
    await expect(world.payer!.close()).rejects.toMatchObject({ code: 'unavailable' });
    for (let round = 0; round < 10; round += 1) {
      expect(world.carry(MIB)).toBe(MIB);
      await world.meter();
    }
    expect(world.channel.paid.signed).toBeGreaterThanOrEqual(owedFor(10n * MIB, 105n));
  });

  test('closes with what is owed and nothing ahead, and pays nothing after', async () => {
    const world = new SessionWorld({ deposit: 1_000_000n });
    await world.start();
    world.carry(MIB);
    await world.meter();
    const before = world.channel.paid.signed;
    const closed = world.payer!.close();
    await world.settle();
    expect(await closed).toMatchObject({ type: 'closed' });
    expect(world.channel.paid.signed).toBe(before);
    world.carry(MIB);
    await world.meter();
    expect(world.channel.paid.signed).toBe(before);
  });
});

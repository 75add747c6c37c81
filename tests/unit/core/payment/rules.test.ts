// The rules of payment one by one: money and bytes, vouchers, funds, meter, limits, top-up.

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { formatAmount, MAX_AMOUNT, parseAmount } from '../../../../src/core/payment/amount.ts';
import { decideExpense, newSession, onDay, type Spending } from '../../../../src/core/payment/budget.ts';
import { promisable, servable, UNSAFE_CREDIT, type ChannelFunds } from '../../../../src/core/payment/funds.ts';
import { incrementAmount, incrementBytes, smallestStep } from '../../../../src/core/payment/increment.ts';
import { judgeMeter, METER_START } from '../../../../src/core/payment/meter.ts';
import { bytesFor, isDearer, owedFor, pricePerGb } from '../../../../src/core/payment/price.ts';
import { adviseTopUp } from '../../../../src/core/payment/top-up.ts';
import { judgeVoucher, nextReserve, nextVoucher, serveUpTo } from '../../../../src/core/payment/voucher.ts';

const MIB = 1_048_576n;

const price = fc.bigInt(1n, 1_000_000_000n);
const bytes = fc.bigInt(0n, 2n ** 60n);
const sum = fc.bigInt(0n, 2n ** 64n);
const funds: fc.Arbitrary<ChannelFunds> = fc.record({ safe: sum, unsafe: sum, totalClaimed: sum, withdrawing: sum });

describe('money', () => {
  test('has one spelling, and only up to uint128', () => {
    fc.assert(
      fc.property(fc.bigInt(0n, MAX_AMOUNT), (amount) => {
        expect(parseAmount(formatAmount(amount))).toBe(amount);
      }),
    );
    for (const bad of [
      '',
      '01',
      '-1',
      '1.0',
      '1e3',
      ' 1',
      '0x1',
      (MAX_AMOUNT + 1n).toString(),
      '9'.repeat(4000),
      1,
      1n,
    ]) {
      expect(() => parseAmount(bad)).toThrow('not an amount');
    }
    expect(() => formatAmount(-1n)).toThrow('not an amount');
  });

  test('and bytes are inverse: a sum buys the most bytes that owe no more than it', () => {
    fc.assert(
      fc.property(sum, price, (amount, each) => {
        const most = bytesFor(amount, each)!;
        expect(owedFor(most, each)).toBeLessThanOrEqual(amount);
        expect(owedFor(most + 1n, each)).toBeGreaterThan(amount);
      }),
    );
    expect(bytesFor(5n, 0n)).toBeUndefined();
  });

  test('is rounded to the payer’s favour, by less than a unit, however the bytes come', () => {
    fc.assert(
      fc.property(bytes, bytes, price, (a, b, each) => {
        const whole = owedFor(a + b, each);
        expect(owedFor(a, each) + owedFor(b, each)).toBeLessThanOrEqual(whole);
        expect(whole * MIB).toBeLessThanOrEqual((a + b) * each);
        expect((whole + 1n) * MIB).toBeGreaterThan((a + b) * each);
      }),
    );
  });

  test('is shown per gigabyte, never too low; and compared without rounding', () => {
    // 105 units a MiB: the usual price of both hops.
    expect(pricePerGb(105n)).toBe(100_136n);
    expect(isDearer(105n, 100_136n)).toBe(false);
    expect(isDearer(105n, 100_135n)).toBe(true);
  });
});

describe('an increment', () => {
  test.each([
    [0n, 105n, MIB],
    [1n, 0n, MIB],
    [MIB + 1n, 105n, 2n * MIB],
    [20_000_000n, 105n, 20n * MIB],
    [10n ** 12n, 105n, 512n * MIB],
    // Cheaper than 16 units a MiB: as much as can be paid for in quarters.
    [0n, 15n, 2n * MIB],
    [0n, 1n, 16n * MIB],
  ])('at %s bytes a second and a price of %s is %s bytes', (speed, price, size) => {
    expect(incrementBytes(speed, price)).toBe(size);
  });

  test('costs no less than what is owed for it, and a step is a quarter of it', () => {
    fc.assert(
      fc.property(fc.bigInt(1n, 512n * MIB), price, (size, each) => {
        expect(incrementAmount(size, each)).toBeGreaterThanOrEqual(owedFor(size, each));
      }),
    );
    expect([smallestStep(400n), smallestStep(3n), smallestStep(0n)]).toEqual([100n, 1n, 1n]);
  });
});

describe('a voucher is refused by the relay, before its signature is looked at,', () => {
  const earned = { promised: 1_000n, reserved: 0n };
  const plenty = { safe: 10_000n, unsafe: 0n, totalClaimed: 0n, withdrawing: 0n };
  test.each([
    ['that is the one before', 1_000n, plenty, 'not_advancing'],
    ['that is lower', 999n, plenty, 'not_advancing'],
    ['that adds less than a quarter of an increment', 1_099n, plenty, 'not_advancing'],
    ['that is at what the chain says is claimed', 2_000n, { ...plenty, totalClaimed: 2_000n }, 'not_advancing'],
    ['above what the channel holds', 10_001n, plenty, 'exceeds_balance'],
    ['above what stays after a withdrawal', 6_001n, { ...plenty, withdrawing: 4_000n }, 'withdraw_pending'],
    ['above what was ever there', 10_001n, { ...plenty, withdrawing: 4_000n }, 'exceeds_balance'],
    ['when all is being withdrawn', 1_100n, { ...plenty, withdrawing: 20_000n }, 'withdraw_pending'],
  ] as const)('%s', (_, promised, held, code) => {
    expect(judgeVoucher(earned, promised, { increment: 400n, funds: held })).toBe(code);
  });

  test('that is the one before, also as the last one of a channel and at the end of its money', () => {
    const terms = { increment: 400n, funds: plenty };
    expect(judgeVoucher(earned, 1_000n, { ...terms, last: true })).toBe('not_advancing');
    expect(judgeVoucher(earned, 1_000n, { ...terms, funds: { ...plenty, safe: 1_000n } })).toBe('not_advancing');
  });

  test('and taken at the least step, and at the end of the money by any step', () => {
    expect(judgeVoucher(earned, 1_100n, { increment: 400n, funds: plenty })).toBeUndefined();
    expect(judgeVoucher(earned, 1_001n, { increment: 400n, funds: { ...plenty, safe: 1_001n } })).toBeUndefined();
  });
});

test('what the client signs next is never refused by a relay that sees the same chain', () => {
  fc.assert(
    fc.property(sum, sum, fc.bigInt(1n, 2n ** 40n), funds, (signed, owed, increment, held) => {
      const clean = { ...held, totalClaimed: held.totalClaimed < signed ? held.totalClaimed : signed };
      const next = nextVoucher({ signed, owed }, { increment, funds: clean });
      if (next === undefined) return;
      expect(next).toBeLessThanOrEqual(owed + increment);
      expect(judgeVoucher({ promised: signed, reserved: 0n }, next, { increment, funds: clean })).toBeUndefined();
    }),
  );
});

describe('a deposit', () => {
  test('that is not safe yet counts for vouchers, and for $0.05 of traffic', () => {
    const fresh = { safe: 0n, unsafe: 2_000_000n, totalClaimed: 0n, withdrawing: 0n };
    expect(promisable(fresh)).toBe(2_000_000n);
    expect(servable(fresh)).toBe(UNSAFE_CREDIT);
    const earned = { promised: 1_000_000n, reserved: 0n };
    expect(serveUpTo(earned, { grace: 500n, funds: fresh })).toBe(50_000n);
    const safe = { ...fresh, safe: 2_000_000n, unsafe: 0n };
    expect(serveUpTo(earned, { grace: 500n, funds: safe })).toBe(1_000_500n);
  });

  test('nothing is served that the chain could not pay, whatever was promised', () => {
    fc.assert(
      fc.property(sum, sum, funds, (promised, grace, held) => {
        const limit = serveUpTo({ promised, reserved: 0n }, { grace, funds: held });
        expect(limit).toBeLessThanOrEqual(promised + grace);
        expect(limit).toBeLessThanOrEqual(promisable(held));
      }),
    );
  });
});

test('a relay never reserves beyond what it may serve, and writes in eighths of an increment', () => {
  const at = (reserved: bigint, served: bigint) =>
    nextReserve({ promised: 0n, reserved }, served, { increment: 800n, limit: 950n });
  expect([at(0n, 0n), at(100n, 87n), at(100n, 88n), at(900n, 890n), at(950n, 950n), at(1_000n, 990n)]).toEqual([
    ...[100n, undefined, 188n, 950n],
    ...[undefined, undefined],
  ]);
});

describe('two meters', () => {
  const at = (own: bigint, claimed: bigint) => judgeMeter(METER_START, { least: own, most: own }, claimed);
  const TEN = 10n * MIB;
  const slack = 64n * 1024n;

  test('agree within 5 % and 64 KiB, over 10 MiB', () => {
    const bearable = TEN + TEN / 20n + slack;
    expect(at(TEN, bearable).verdict).toBe('agree');
    expect(at(TEN, bearable + 1n).verdict).toBe('over');
    expect(at(TEN, TEN - TEN / 20n - slack).verdict).toBe('agree');
    expect(at(TEN, TEN - TEN / 20n - slack - 1n).verdict).toBe('under');
  });

  test('are not judged below 10 MiB, and a claim out of nothing is not believed even so', () => {
    expect(at(0n, TEN - 1n)).toMatchObject({ verdict: 'agree', believed: slack });
    expect(at(0n, TEN)).toMatchObject({ verdict: 'over', believed: slack });
    expect(at(TEN - 1n, 0n)).toMatchObject({ verdict: 'agree', believed: 0n });
  });

  test('a long download that the browser has not counted yet is believed as far as it was announced', () => {
    const during = judgeMeter(METER_START, { least: 0n, most: 300n * MIB }, 50n * MIB);
    expect(during).toMatchObject({ verdict: 'agree', believed: 50n * MIB });
    const after = judgeMeter(during.start, { least: 300n * MIB, most: 300n * MIB }, 301n * MIB);
    expect(after).toMatchObject({ verdict: 'agree', believed: 301n * MIB });
  });

  test('a relay that always tells a little too much is never believed more than the tolerance', () => {
    fc.assert(
      fc.property(fc.array(fc.record({ more: fc.bigInt(0n, 40n * MIB), lie: fc.bigInt(0n, 3n * MIB) })), (parts) => {
        let [own, claimed, start, stretches] = [0n, 0n, METER_START, 1n];
        for (const { more, lie } of parts) {
          own += more;
          claimed += more + lie;
          const judged = judgeMeter(start, { least: own, most: own }, claimed);
          if (judged.start !== start) stretches += 1n;
          start = judged.start;
          expect(judged.believed).toBeLessThanOrEqual(own + own / 20n + slack * stretches);
          if (judged.verdict !== 'agree') return;
        }
      }),
    );
  });
});

describe('the person’s limits', () => {
  const limits = { perDay: 1_000n, perSession: 400n, askAbovePerGb: 200_000n };
  const none: Spending = { day: 0, today: 0n, session: 0n };
  const expense = { amount: 100n, pricePerMib: 105n, agreedPerMib: undefined, day: 0 };

  test('allow up to the limit and refuse beyond it, by name', () => {
    expect(decideExpense(limits, none, { ...expense, amount: 400n })).toEqual({
      is: 'allow',
      spending: { day: 0, today: 400n, session: 400n },
    });
    expect(decideExpense(limits, none, { ...expense, amount: 401n })).toEqual({ is: 'refuse', code: 'session_limit' });
    const late = { day: 0, today: 950n, session: 0n };
    expect(decideExpense(limits, late, expense)).toEqual({ is: 'refuse', code: 'day_limit' });
  });

  test('ask about a price above theirs, once, and again when it rises', () => {
    const dear = { ...expense, pricePerMib: 400n };
    expect(decideExpense(limits, none, dear)).toEqual({ is: 'ask', code: 'price_above_limit' });
    expect(decideExpense(limits, none, { ...dear, agreedPerMib: 400n }).is).toBe('allow');
    expect(decideExpense(limits, none, { ...dear, agreedPerMib: 399n }).is).toBe('ask');
  });

  test('a new day opens the day’s limit, a clock that is set back does not', () => {
    const today = { day: 10, today: 1_000n, session: 0n };
    expect(onDay(today, 11).today).toBe(0n);
    expect(onDay(today, 9)).toEqual(today);
    expect(decideExpense(limits, today, { ...expense, day: 9 }).is).toBe('refuse');
  });

  test('cannot be passed: not by any order of vouchers, sessions, days and clocks', () => {
    const event = fc.record({
      amount: fc.bigInt(0n, 500n),
      day: fc.integer({ min: 0, max: 4 }),
      fresh: fc.boolean(),
    });
    fc.assert(
      fc.property(fc.array(event, { maxLength: 200 }), (events) => {
        let spending = none;
        let session = 0n;
        const days = new Map<number, bigint>();
        for (const { amount, day, fresh } of events) {
          if (fresh) [spending, session] = [newSession(spending), 0n];
          const answer = decideExpense(limits, spending, { ...expense, amount, day });
          if (answer.is !== 'allow') continue;
          spending = answer.spending;
          session += amount;
          days.set(spending.day, (days.get(spending.day) ?? 0n) + amount);
          expect(session).toBeLessThanOrEqual(limits.perSession);
        }
        for (const total of days.values()) expect(total).toBeLessThanOrEqual(limits.perDay);
      }),
    );
  });
});

describe('a top-up', () => {
  const held = { safe: 2_000_000n, unsafe: 0n, totalClaimed: 0n, withdrawing: 0n };
  const low = { funds: held, signed: 1_600_001n, deposit: 2_000_000n, everWithdrew: false };
  test('is due below a fifth of the deposit', () => {
    expect(adviseTopUp({ ...low, signed: 1_600_000n })).toBe('enough');
    expect(adviseTopUp(low)).toBe('top-up');
  });
  test('never goes into a channel that has seen a timed withdrawal: old vouchers could claim it', () => {
    expect(adviseTopUp({ ...low, everWithdrew: true })).toBe('new-channel');
  });
});

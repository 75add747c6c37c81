// Invariant I4: neither side can lose more than one increment, whatever happens to traffic, messages and machines. Payer and payee run the real rules of
// src/core/payment; what is drawn at random is the order of traffic, vouchers, loss, duplication, reordering and restarts of either side.

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { ChannelFunds } from '../../../../src/core/payment/funds.ts';
import { incrementAmount, incrementBytes } from '../../../../src/core/payment/increment.ts';
import { judgeMeter, METER_START, type MeterStart } from '../../../../src/core/payment/meter.ts';
import { bytesFor, owedFor } from '../../../../src/core/payment/price.ts';
import {
  claimSum,
  judgeVoucher,
  lastVoucher,
  nextReserve,
  nextVoucher,
  NOTHING_EARNED,
  NOTHING_PAID,
  serveUpTo,
  withOwed,
  type Earned,
  type Paid,
} from '../../../../src/core/payment/voucher.ts';

const MIB = 1_048_576n;
const KIB = 1024n;

type Step =
  | { is: 'traffic'; bytes: bigint; lost: boolean }
  /** The payee tells its count; a lying one adds to it. */
  | { is: 'meter'; lie: bigint }
  | { is: 'meter-arrives'; which: number }
  | { is: 'pay'; killed: 'no' | 'before-store' | 'before-send' }
  | { is: 'voucher-arrives'; which: number; again: boolean; killed: 'no' | 'before-store' | 'before-credit' }
  | { is: 'voucher-lost'; which: number }
  | { is: 'payer-restarts' }
  | { is: 'payee-restarts' }
  | { is: 'claim' };

type Terms = { price: bigint; incrementBytes: bigint; graceBytes: bigint; deposit: bigint; unsafe: bigint };

/** Two sides with a disk each, and the wire between them. `truth` is what nobody in it knows. */
class World {
  readonly increment: bigint;
  readonly grace: bigint;
  funds: ChannelFunds;
  payerDisk: Paid = NOTHING_PAID;
  payer: Paid = NOTHING_PAID;
  payeeDisk: Earned = NOTHING_EARNED;
  payee: Earned = NOTHING_EARNED;
  vouchers: bigint[] = [];
  meters: bigint[] = [];
  truth = { served: 0n, received: 0n, lies: 0n, stretches: 1n };
  #own = 0n;
  #claimed = 0n;
  #start: MeterStart = METER_START;
  #payerBase = 0n;
  #payeeBase = 0n;
  #bytes = 0n;
  #servedBase = 0n;
  #receivedBase = 0n;
  readonly terms: Terms;

  constructor(terms: Terms) {
    this.terms = terms;
    this.increment = incrementAmount(terms.incrementBytes, terms.price);
    this.grace = incrementAmount(terms.graceBytes, terms.price);
    this.funds = { safe: terms.deposit, unsafe: terms.unsafe, totalClaimed: 0n, withdrawing: 0n };
  }

  get served(): bigint {
    return this.#payeeBase + owedFor(this.#bytes, this.terms.price);
  }

  step(step: Step): void {
    switch (step.is) {
      case 'traffic':
        return void this.traffic(step.bytes, step.lost);
      case 'meter':
        this.truth.lies += step.lie;
        this.meters.push(this.#bytes + step.lie);
        return;
      case 'meter-arrives': {
        const claim = this.meters.at(step.which % Math.max(this.meters.length, 1)) ?? 0n;
        this.#claimed = claim > this.#claimed ? claim : this.#claimed;
        return;
      }
      case 'pay':
        this.pay(step.killed);
        return;
      case 'voucher-arrives':
        this.receive(step.which, step.again, step.killed);
        return;
      case 'voucher-lost':
        this.vouchers.splice(step.which % Math.max(this.vouchers.length, 1), 1);
        return;
      case 'payer-restarts':
        this.restartPayer();
        return;
      case 'payee-restarts':
        this.restartPayee();
        return;
      case 'claim': {
        const sum = claimSum(this.payee, this.served);
        if (sum > this.funds.totalClaimed) this.funds = { ...this.funds, totalClaimed: sum };
        return;
      }
    }
  }

  /** Answers how much of it the payee served. */
  traffic(wanted: bigint, lost: boolean): bigint {
    let left = wanted;
    for (;;) {
      const limit = serveUpTo(this.payee, { grace: this.grace, funds: this.funds });
      const mark = nextReserve(this.payee, this.served, { increment: this.increment, limit });
      if (mark !== undefined) this.payee = this.payeeDisk = { ...this.payeeDisk, reserved: mark };
      const upTo = limit < this.payee.reserved ? limit : this.payee.reserved;
      const room = (bytesFor(upTo - this.#payeeBase, this.terms.price) ?? 0n) - this.#bytes;
      const now = room < left ? room : left;
      if (now <= 0n) return wanted - left;
      left -= now;
      this.#bytes += now;
      this.truth.served = this.#servedBase + owedFor(this.#bytes, this.terms.price);
      if (lost) continue;
      this.#own += now;
      this.truth.received = this.#receivedBase + owedFor(this.#own, this.terms.price);
    }
  }

  pay(killed: 'no' | 'before-store' | 'before-send'): void {
    const own = { least: this.#own, most: this.#own };
    const { believed, start, verdict } = judgeMeter(this.#start, own, this.#claimed);
    if (start !== this.#start) this.truth.stretches += 1n;
    this.#start = start;
    if (verdict !== 'agree') return;
    this.payer = withOwed(this.payer, this.#payerBase + owedFor(believed, this.terms.price));
    const sum = nextVoucher(this.payer, { increment: this.increment, funds: this.funds });
    if (sum === undefined) return;
    if (killed === 'before-store') {
      this.restartPayer();
      return;
    }
    this.payer = this.payerDisk = { ...this.payer, signed: sum };
    if (killed === 'before-send') {
      this.restartPayer();
      return;
    }
    this.vouchers.push(sum);
  }

  receive(which: number, again: boolean, killed: 'no' | 'before-store' | 'before-credit'): void {
    if (this.vouchers.length === 0) return;
    const index = which % this.vouchers.length;
    const sum = this.vouchers[index]!;
    if (!again) this.vouchers.splice(index, 1);
    if (judgeVoucher(this.payee, sum, { increment: this.increment, funds: this.funds }) !== undefined) return;
    if (killed === 'before-store') {
      this.restartPayee();
      return;
    }
    this.payeeDisk = { ...this.payeeDisk, promised: sum };
    if (killed === 'before-credit') {
      this.restartPayee();
      return;
    }
    this.payee = { ...this.payee, promised: sum };
  }

  restartPayer(): void {
    this.payer = this.payerDisk;
    this.newSession();
    if (this.payer.signed > 0n) this.vouchers.push(this.payer.signed);
  }

  restartPayee(): void {
    this.payee = this.payeeDisk;
    this.newSession();
    this.#payeeBase = this.payee.reserved;
  }

  /** Counts of bytes begin anew; the meters of the one before are gone with its stream. */
  newSession(): void {
    this.#payeeBase = this.served;
    this.#servedBase = this.truth.served;
    this.#receivedBase = this.truth.received;
    this.#payerBase = this.payer.owed;
    this.#bytes = this.#own = this.#claimed = 0n;
    this.#start = METER_START;
    this.meters = [];
    this.truth.stretches += 1n;
  }
}

const terms: fc.Arbitrary<Terms> = fc
  .record({
    price: fc.bigInt(1n, 20_000n),
    incrementMib: fc.bigInt(1n, 8n),
    graceShare: fc.bigInt(0n, 4n),
    deposit: fc.bigInt(0n, 3_000_000n),
    unsafe: fc.oneof(fc.constant(0n), fc.bigInt(0n, 3_000_000n)),
  })
  .map(({ price, incrementMib, graceShare, deposit, unsafe }) => {
    const incrementBytes = incrementMib * MIB;
    return { price, incrementBytes, graceBytes: (incrementBytes * graceShare) / 4n, deposit, unsafe };
  });

const which = fc.nat(50);
const kill = <T extends string>(...ways: T[]) =>
  fc.oneof({ weight: 6, arbitrary: fc.constant('no' as const) }, fc.constantFrom(...ways));
const bytes = fc.oneof(fc.bigInt(0n, 64n * KIB), fc.bigInt(0n, 12n * MIB));

/** @param lie what a payee adds to its counts */
const steps = (lie: fc.Arbitrary<bigint>): fc.Arbitrary<Step[]> =>
  fc.array(
    fc.oneof(
      { weight: 6, arbitrary: fc.record({ is: fc.constant('traffic' as const), bytes, lost: fc.boolean() }) },
      { weight: 6, arbitrary: fc.record({ is: fc.constant('traffic' as const), bytes, lost: fc.constant(false) }) },
      { weight: 5, arbitrary: fc.record({ is: fc.constant('meter' as const), lie }) },
      { weight: 5, arbitrary: fc.record({ is: fc.constant('meter-arrives' as const), which }) },
      {
        weight: 6,
        arbitrary: fc.record({ is: fc.constant('pay' as const), killed: kill('before-store', 'before-send') }),
      },
      {
        weight: 6,
        arbitrary: fc.record({
          is: fc.constant('voucher-arrives' as const),
          which,
          again: fc.boolean(),
          killed: kill('before-store', 'before-credit'),
        }),
      },
      fc.record({ is: fc.constant('voucher-lost' as const), which }),
      fc.record({ is: fc.constant('payer-restarts' as const) }),
      fc.record({ is: fc.constant('payee-restarts' as const) }),
      fc.record({ is: fc.constant('claim' as const) }),
    ),
    { minLength: 20, maxLength: 120 },
  );

/** `expect` makes a matcher for each of a million comparisons; this makes one for those that fail. */
function atMost(a: bigint, b: bigint): void {
  if (a > b) expect(a).toBeLessThanOrEqual(b);
}

function checkAlways(world: World): void {
  const { payerDisk, payeeDisk, funds, vouchers, truth } = world;
  // The payee: what it served and has no promise for, or no deposit behind.
  atMost(truth.served - payeeDisk.promised, world.increment);
  atMost(truth.served, funds.safe + (funds.unsafe < 50_000n ? funds.unsafe : 50_000n));
  // Nothing is promised that the payer does not know of, or that the channel does not hold.
  for (const sum of vouchers) atMost(sum, payerDisk.signed);
  atMost(payeeDisk.promised, payerDisk.signed);
  atMost(payerDisk.signed, funds.safe + funds.unsafe);
  // Nothing is claimed that was not promised.
  atMost(funds.totalClaimed, payeeDisk.promised);
}

describe('at most one increment is at risk,', () => {
  test('for both sides, whatever is lost, doubled, reordered or killed', () => {
    fc.assert(
      fc.property(terms, steps(fc.constant(0n)), (drawn, list) => {
        const world = new World(drawn);
        for (const step of list) {
          const before = { ...world.payerDisk, promised: world.payeeDisk.promised };
          world.step(step);
          checkAlways(world);
          atMost(world.payerDisk.signed - world.truth.served, world.increment);
          atMost(before.signed, world.payerDisk.signed);
          atMost(before.promised, world.payeeDisk.promised);
        }
      }),
      { numRuns: 5000 },
    );
  });

  test('for the payer of a relay that lies about its count, beyond the tolerance of the meter', () => {
    const lie = fc.oneof(fc.constant(0n), fc.bigInt(0n, 100n * MIB));
    fc.assert(
      fc.property(terms, steps(lie), (drawn, list) => {
        const world = new World(drawn);
        for (const step of list) {
          world.step(step);
          checkAlways(world);
          // 5 % of what was received, 64 KiB for each stretch that was compared; a unit of rounding for each.
          const { received, stretches } = world.truth;
          const tolerance = received / 20n + owedFor(64n * KIB * stretches, drawn.price) + 2n * stretches;
          atMost(world.payerDisk.signed - received, world.increment + tolerance);
        }
      }),
      { numRuns: 5000 },
    );
  });
});

describe('and it goes on:', () => {
  const liveTerms = terms.map((drawn) => {
    const size = incrementBytes(drawn.incrementBytes, drawn.price);
    return { ...drawn, incrementBytes: size, unsafe: 0n, deposit: drawn.deposit + 100_000n };
  });

  test('traffic never stalls between honest sides, until the deposit is used up to the last increment', () => {
    fc.assert(
      fc.property(liveTerms, fc.bigInt(1n * KIB, 2n * MIB), (drawn, size) => {
        const world = new World(drawn);
        const cycle = (): bigint => {
          world.pay('no');
          world.receive(0, false, 'no');
          const served = world.traffic(size, false);
          world.step({ is: 'meter', lie: 0n });
          world.step({ is: 'meter-arrives', which: world.meters.length - 1 });
          return served;
        };
        fc.pre(size * 3000n > (drawn.deposit * MIB) / drawn.price);
        // Without grace no cycle is served more than an increment, however much it asks for.
        const most = 4000n + drawn.deposit / world.increment;
        for (let guard = 0; cycle() > 0n; guard += 1) atMost(BigInt(guard), most);
        expect(world.truth.served).toBe(drawn.deposit);
        expect(world.payeeDisk.promised).toBe(drawn.deposit);
      }),
      { numRuns: 200 },
    );
  });

  test('one restart of either side at any time stops nothing', () => {
    fc.assert(
      fc.property(liveTerms, fc.nat(20), fc.boolean(), (drawn, when, payerSide) => {
        fc.pre((drawn.deposit * MIB) / drawn.price > 64n * drawn.incrementBytes);
        const world = new World({ ...drawn, graceBytes: drawn.incrementBytes });
        for (let round = 0; round < 40; round += 1) {
          if (round === when) world.step({ is: payerSide ? 'payer-restarts' : 'payee-restarts' });
          world.pay('no');
          while (world.vouchers.length > 0) world.receive(0, false, 'no');
          expect(world.traffic(drawn.incrementBytes / 2n, false)).toBeGreaterThan(0n);
          world.step({ is: 'meter', lie: 0n });
          world.step({ is: 'meter-arrives', which: world.meters.length - 1 });
        }
      }),
    );
  });

  test('a close pays exactly what is owed, and the rest is the payer’s', () => {
    const funds = { safe: 1_000n, unsafe: 0n, totalClaimed: 0n, withdrawing: 0n };
    expect(lastVoucher({ signed: 90n, owed: 100n }, funds)).toBe(100n);
    expect(lastVoucher({ signed: 120n, owed: 100n }, funds)).toBeUndefined();
    expect(claimSum({ promised: 120n, reserved: 130n }, 100n)).toBe(100n);
    const earned = { promised: 90n, reserved: 130n };
    expect(judgeVoucher(earned, 91n, { increment: 40n, funds })).toBe('not_advancing');
    expect(judgeVoucher(earned, 91n, { increment: 40n, funds, last: true })).toBeUndefined();
  });
});

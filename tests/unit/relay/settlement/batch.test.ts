// Which channels are claimed, when, and in what transactions: nothing that is due is forgotten, nothing is claimed over what was signed or is there.

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  CLAIM_RULES,
  claimable,
  claimGas,
  decideClaims,
  type ClaimCandidate,
} from '../../../../relay/settlement/batch.ts';
import { hexOf } from '../../../support/ledger-values.ts';

const NOW = Date.UTC(2026, 10, 22);
const HOUR = 3_600_000;

const candidate = (change: Partial<ClaimCandidate> = {}): ClaimCandidate => ({
  id: hexOf('channel', 32),
  signed: 300_000n,
  balance: 2_000_000n,
  claimed: 0n,
  pendingWithdrawal: 0n,
  lastClaimAt: NOW - HOUR,
  underWay: false,
  ...change,
});

const decide = (...candidates: ClaimCandidate[]) => decideClaims(candidates, NOW);

describe('when a channel is due', () => {
  test.each<[string, Partial<ClaimCandidate>, string | undefined]>([
    ['0.25 USDC', { signed: 250_000n }, 'amount'],
    ['a unit less', { signed: 249_999n }, undefined],
    ['0.25 above what was claimed', { signed: 1_250_000n, claimed: 1_000_000n }, 'amount'],
    ['little, after 24 h', { signed: 2000n, lastClaimAt: NOW - 24 * HOUR }, 'age'],
    ['little, a moment sooner', { signed: 2000n, lastClaimAt: NOW - 24 * HOUR + 1 }, undefined],
    ['less than a claim costs, after a year', { signed: 1999n, lastClaimAt: NOW - 9000 * HOUR }, undefined],
    ['one unit, and its payer withdraws', { signed: 1n, pendingWithdrawal: 5n }, 'withdrawal'],
    ['nothing, and its payer withdraws', { signed: 0n, pendingWithdrawal: 5n }, undefined],
    ['all of it claimed', { signed: 300_000n, claimed: 300_000n }, undefined],
    ['a claim of it under way', { pendingWithdrawal: 5n, underWay: true }, undefined],
    ['signed for what is not there', { signed: 300_000n, balance: 200_000n }, undefined],
    ['claimed further than is known to be signed', { signed: 1n, claimed: 300_000n }, undefined],
  ])('%s', (_, change, reason) => {
    expect(decide(candidate(change)).flatMap(({ reasons }) => reasons)).toEqual(reason === undefined ? [] : [reason]);
  });

  test('what the balance does not cover is not claimed with the rest', () => {
    const [batch] = decide(candidate({ signed: 900_000n, balance: 500_000n, claimed: 100_000n }));
    expect(batch?.claims).toEqual([{ id: hexOf('channel', 32), max: 500_000n }]);
  });
});

const amount = fc.bigInt({ min: 0n, max: 5_000_000n });
const candidates = fc
  .array(
    fc.record({
      signed: amount,
      balance: amount,
      claimed: amount,
      pendingWithdrawal: fc.oneof(fc.constant(0n), amount),
      lastClaimAt: fc.integer({ min: NOW - 72 * HOUR, max: NOW }),
      underWay: fc.boolean(),
    }),
    { maxLength: 150 },
  )
  .map((list) => list.map((one, index): ClaimCandidate => ({ ...one, id: hexOf(`channel ${index}`, 32) })));

test('for any channels: each due one once, within its signature and its balance, within the gas, withdrawals first', () => {
  fc.assert(
    fc.property(candidates, (list) => {
      const batches = decideClaims(list, NOW);
      const claims = batches.flatMap((batch) => batch.claims);
      const byId = new Map(list.map((one) => [one.id, one]));
      expect(new Set(claims.map(({ id }) => id)).size).toBe(claims.length);
      for (const { id, max } of claims) {
        const { signed, balance, claimed, underWay } = byId.get(id)!;
        expect(max <= signed && max <= balance && max > claimed && !underWay).toBe(true);
      }
      for (const one of list) {
        const value = claimable(one);
        const due = value > 0n && !one.underWay && (one.pendingWithdrawal > 0n || value >= CLAIM_RULES.minAmount);
        if (due) expect(claims.some(({ id }) => id === one.id)).toBe(true);
      }
      for (const { claims: part, gas } of batches) {
        expect(part.length).toBeGreaterThan(0);
        expect(gas).toBe(claimGas(part.length));
        expect(gas <= CLAIM_RULES.maxGas).toBe(true);
      }
      const pending = claims.map(({ id }) => byId.get(id)!.pendingWithdrawal > 0n);
      expect(pending).toEqual([...pending].sort((a, b) => Number(b) - Number(a)));
      const rest = claims.filter((_, index) => !pending[index]).map(({ id }) => claimable(byId.get(id)!));
      expect(rest).toEqual([...rest].sort((a, b) => (a > b ? -1 : a < b ? 1 : 0)));
    }),
    { numRuns: 500 },
  );
});

test('what was decided and mined is not decided again', () => {
  fc.assert(
    fc.property(candidates, (list) => {
      const claimed = new Map(decideClaims(list, NOW).flatMap(({ claims }) => claims.map(({ id, max }) => [id, max])));
      const after = list.map((one) => ({ ...one, claimed: claimed.get(one.id) ?? one.claimed }));
      expect(decideClaims(after, NOW)).toEqual([]);
    }),
  );
});

test('a gas limit below a claim still lets each one through, alone', () => {
  const list = [1, 2].map((number) => candidate({ id: hexOf(`channel ${number}`, 32) }));
  const batches = decideClaims(list, NOW, { ...CLAIM_RULES, maxGas: 1n });
  expect(batches.map(({ claims }) => claims.length)).toEqual([1, 1]);
});

// Which channels to claim now, and in what transactions. Pure: the settler gives it what the ledger and the chain say, and sends what comes out. It never
// claims more than was signed, nor what the balance does not cover. Gas as measured on the devnet's contract (payments.md §3.4).

import type { Hex } from '../../src/core/wire/kinds.ts';

/** A channel as the settler sees it: amounts in base units of its token, cumulative; times in ms since the epoch. */
export type ClaimCandidate = {
  id: Hex;
  /** Best voucher. */
  signed: bigint;
  /** On the chain: what was deposited and not withdrawn, and what of it was claimed. */
  balance: bigint;
  claimed: bigint;
  /** Above 0: the payer is taking its money out, and what is not claimed before the delay ends is gone. */
  pendingWithdrawal: bigint;
  /** When the payee last claimed, or the channel was opened. */
  lastClaimAt: number;
  /** A claim of it is under way: its outcome is waited for. */
  underWay: boolean;
};

export type Claim = { id: Hex; max: bigint };
export type ClaimReason = 'withdrawal' | 'amount' | 'age';
export type ClaimBatch = { reasons: ClaimReason[]; claims: Claim[]; gas: bigint };

export type ClaimRules = {
  /** A claim of this much is worth its gas, base units: 0.25 USDC. */
  minAmount: bigint;
  /** What is claimed however little it is, ms: 24 h bounds what a lost ledger costs. Dust below `dust` is left. */
  maxAgeMs: number;
  /** Less than a claim costs, base units: about 0.2 cents. */
  dust: bigint;
  /** Of one transaction: far below a block's, so that it finds a place in the next one. */
  maxGas: bigint;
};

export const CLAIM_RULES: ClaimRules = {
  minAmount: 250_000n,
  maxAgeMs: 86_400_000,
  dust: 2000n,
  maxGas: 1_500_000n,
};

export type SettleRules = {
  /** Paying out this much is worth its gas (63k), base units: 1 USDC. */
  minAmount: bigint;
  /** What is paid out however little it is, ms. */
  maxAgeMs: number;
  dust: bigint;
};

/** Claimed money is the relay's already and waits safely in the contract: once in seven days is enough. */
export const SETTLE_RULES: SettleRules = { minAmount: 1_000_000n, maxAgeMs: 604_800_000, dust: 10_000n };

/** @param state `settledAt` and `now` in ms */
export function shouldSettle(
  { unsettled, settledAt, now }: { unsettled: bigint; settledAt: number; now: number },
  rules: SettleRules = SETTLE_RULES,
): boolean {
  if (unsettled <= 0n) return false;
  return unsettled >= rules.minAmount || (unsettled >= rules.dust && now - settledAt >= rules.maxAgeMs);
}

/** Gas of a claim transaction, and of each channel in it: 66-78k for one, 26k for each of 19, and a margin. */
export const CLAIM_BASE_GAS = 60_000n;
export const CLAIM_CHANNEL_GAS = 30_000n;

/** Transactions in the order in which they are to be sent: whoever is being withdrawn from comes first, then the largest amounts. */
export function decideClaims(
  candidates: readonly ClaimCandidate[],
  now: number,
  rules: ClaimRules = CLAIM_RULES,
): ClaimBatch[] {
  const due = candidates.flatMap((candidate) => {
    const reason = reasonToClaim(candidate, now, rules);
    return reason === undefined ? [] : [{ candidate, reason, value: claimable(candidate) }];
  });
  due.sort((a, b) => {
    if (a.reason !== b.reason && (a.reason === 'withdrawal' || b.reason === 'withdrawal')) {
      return a.reason === 'withdrawal' ? -1 : 1;
    }
    return a.value === b.value ? 0 : a.value > b.value ? -1 : 1;
  });
  const size = channelsOfOne(rules.maxGas);
  const batches: ClaimBatch[] = [];
  for (let from = 0; from < due.length; from += size) {
    const part = due.slice(from, from + size);
    batches.push({
      reasons: [...new Set(part.map(({ reason }) => reason))],
      claims: part.map(({ candidate }) => ({ id: candidate.id, max: candidate.claimed + claimable(candidate) })),
      gas: claimGas(part.length),
    });
  }
  return batches;
}

/** What a claim of this channel would bring now, base units. */
export function claimable({
  signed,
  balance,
  claimed,
}: Pick<ClaimCandidate, 'signed' | 'balance' | 'claimed'>): bigint {
  const covered = signed < balance ? signed : balance;
  return covered > claimed ? covered - claimed : 0n;
}

export function claimGas(channels: number): bigint {
  return CLAIM_BASE_GAS + CLAIM_CHANNEL_GAS * BigInt(channels);
}

function reasonToClaim(candidate: ClaimCandidate, now: number, rules: ClaimRules): ClaimReason | undefined {
  const value = claimable(candidate);
  if (candidate.underWay || value === 0n) return undefined;
  // Now or never: however little it is.
  if (candidate.pendingWithdrawal > 0n) return 'withdrawal';
  if (value >= rules.minAmount) return 'amount';
  return value >= rules.dust && now - candidate.lastClaimAt >= rules.maxAgeMs ? 'age' : undefined;
}

/** At least one: a channel that is due is never left for want of gas. */
function channelsOfOne(maxGas: bigint): number {
  return Math.max(1, Number((maxGas - CLAIM_BASE_GAS) / CLAIM_CHANNEL_GAS));
}

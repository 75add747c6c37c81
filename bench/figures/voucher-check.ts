// What a relay spends on one voucher: the rules, the digest and the signature (relay/session/voucher-check.ts), beside the rail's check, which the extension uses, and ethers' own
// `verifyTypedData`, in turns. The p99 leaves out the checks in
// which the system gave the core to somebody else; the rate counts the time of the core (its clock ticks in 4 ms, so that it serves for sums only).

import { SigningKey } from 'ethers/crypto';
import { verifyTypedData } from 'ethers/hash';
import { computeAddress } from 'ethers/transaction';
import type { Amount, Figure } from '../figure.ts';
import { median, percentile } from '../stats.ts';
import { incrementAmount } from '../../src/core/payment/increment.ts';
import type { Hex } from '../../src/core/payment/hex.ts';
import { judgeVoucher } from '../../src/core/payment/voucher.ts';
import { NETWORKS } from '../../src/chain/rail/networks.ts';
import { escrowDomain } from '../../src/chain/rail/typed-data.ts';
import { signVoucher, verifyVoucher, type Voucher } from '../../src/chain/rail/voucher.ts';
import { VoucherCheck } from '../../relay/session/voucher-check.ts';

const MUST_MS = 2;
const MUST_PER_SECOND = 500;
/** The compiler has settled by then. */
const WARM_UP = 300;

const network = NETWORKS.base;
const types = {
  Voucher: [
    { name: 'channelId', type: 'bytes32' },
    { name: 'maxClaimableAmount', type: 'uint128' },
  ],
};

export function measureVoucherCheck({ quick }: Amount): Figure {
  const key = new SigningKey(`0x${'5e'.repeat(32)}`);
  const signer = computeAddress(key.publicKey).toLowerCase() as Hex;
  const increment = incrementAmount(1_048_576n, 105n);
  const funds = { safe: 2n ** 60n, unsafe: 0n, totalClaimed: 0n, withdrawing: 0n };
  const ours: Times = { all: [], alone: [], coreMs: 0 };
  const rail: Times = { all: [], alone: [], coreMs: 0 };
  const theirs: Times = { all: [], alone: [], coreMs: 0 };
  const relay = new VoucherCheck(network);
  const rounds = WARM_UP + (quick ? 1_000 : 5_000);
  for (let round = 1; round <= rounds; round += 1) {
    const voucher: Voucher = { channelId: `0x${'c4'.repeat(32)}`, sum: BigInt(round) * increment };
    const signature = signVoucher(network, voucher, key);
    const promised = voucher.sum - increment;
    const check = (): void => {
      if (judgeVoucher({ promised, reserved: 0n }, voucher.sum, { increment, funds }) !== undefined) throw new Error();
      relay.verify(voucher.channelId, { max: voucher.sum, signature }, signer);
    };
    const plain = (): void => verifyVoucher(network, voucher, signature, signer);
    const peer = (): void => {
      const value = { channelId: voucher.channelId, maxClaimableAmount: voucher.sum };
      if (verifyTypedData(escrowDomain(network), types, value, signature).toLowerCase() !== signer) throw new Error();
    };
    time(check, round > WARM_UP ? ours : undefined);
    time(plain, round > WARM_UP ? rail : undefined);
    time(peer, round > WARM_UP ? theirs : undefined);
  }
  const p99 = percentile(ours.alone, 0.99);
  const perSecond = rate(ours);
  return {
    name: 'voucher check at the relay, p99 and checks per second of one core',
    must: `<= ${MUST_MS} ms, >= ${MUST_PER_SECOND}/s`,
    measured: `${p99.toFixed(2)} ms, ${perSecond.toFixed(0)}/s`,
    reached: p99 <= MUST_MS && perSecond >= MUST_PER_SECOND,
    detail: `ours ${describe(ours)}; the rail's ${describe(rail)}; ethers verifyTypedData ${describe(theirs)}; ${ours.all.length} of each`,
  };
}

type Times = {
  /** Milliseconds of each check, and of those that had the core to themselves. */
  all: number[];
  alone: number[];
  /** Time of the core of all of them. */
  coreMs: number;
};

function time(act: () => void, times: Times | undefined): void {
  const before = process.resourceUsage();
  const start = performance.now();
  act();
  const elapsed = performance.now() - start;
  const after = process.resourceUsage();
  if (times === undefined) return;
  times.all.push(elapsed);
  if (after.involuntaryContextSwitches === before.involuntaryContextSwitches) times.alone.push(elapsed);
  const core = after.userCPUTime + after.systemCPUTime - before.userCPUTime - before.systemCPUTime;
  times.coreMs += core / 1000;
}

function rate({ all, coreMs }: Times): number {
  return (1000 * all.length) / coreMs;
}

function describe(times: Times): string {
  const { all, alone } = times;
  const show = (values: readonly number[]): string =>
    `${median(values).toFixed(2)}/${percentile(values, 0.99).toFixed(2)}`;
  return `median/p99 ${show(alone)} ms (${show(all)} with the waits for the core), ${rate(times).toFixed(0)}/s`;
}

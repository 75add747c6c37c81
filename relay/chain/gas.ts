// What a relay pays for gas (EIP-1559), and when it waits instead. Pure; the sender asks it. Prices in wei for a unit of gas.

import type { NetworkName } from '../../src/chain/rail/networks.ts';

export type Fees = { maxFeePerGas: bigint; maxPriorityFeePerGas: bigint };
/** Of the newest block, and what is usual to offer beside it. */
export type GasPrice = { baseFee: bigint; tip: bigint };

export type GasRules = {
  /** Above this nothing is sent: it waits until gas is cheaper. */
  cap: bigint;
  /** The same, where waiting would lose money: a withdrawal whose delay is half over. */
  urgentCap: bigint;
};

const GWEI = 1_000_000_000n;

/**
 * Base's least price is 0.002 gwei. At 0.1 gwei and $3,000 for an ETH a deposit (131k gas) costs 4 cents and a claim 2, which a deposit of $1 just bears; a claim
 * before the money is gone may cost 50 times that. anvil starts at 2 gwei, and play money may cost what it will.
 */
export const GAS_RULES: Readonly<Record<NetworkName, GasRules>> = {
  base: { cap: GWEI / 10n, urgentCap: 5n * GWEI },
  'base-sepolia': { cap: 5n * GWEI, urgentCap: 50n * GWEI },
  devnet: { cap: 20n * GWEI, urgentCap: 100n * GWEI },
};

/** Room for six full blocks of rising base fees (12.5 % each), within the cap; undefined: too dear now. */
export function feesFor({ baseFee, tip }: GasPrice, cap: bigint): Fees | undefined {
  if (baseFee + tip > cap) return undefined;
  const roomy = 2n * baseFee + tip;
  return { maxFeePerGas: roomy < cap ? roomy : cap, maxPriorityFeePerGas: tip };
}

/**
 * For the same nonce once more: nodes take a replacement only if both prices are 10 % higher at least. Undefined: that would be above the cap.
 */
export function feesToReplace(before: Fees, price: GasPrice, cap: bigint): Fees | undefined {
  const usual = feesFor(price, cap);
  if (usual === undefined) return undefined;
  const raised = (value: bigint): bigint => (value * 9n) / 8n + 1n;
  const maxPriorityFeePerGas = larger(usual.maxPriorityFeePerGas, raised(before.maxPriorityFeePerGas));
  const maxFeePerGas = larger(larger(usual.maxFeePerGas, raised(before.maxFeePerGas)), maxPriorityFeePerGas);
  return maxFeePerGas > cap ? undefined : { maxFeePerGas, maxPriorityFeePerGas };
}

/** What is estimated, and a quarter: between the estimate and its block others may have changed what it touches. */
export function gasLimit(estimate: bigint): bigint {
  return (estimate * 5n) / 4n;
}

/** The lowest nonce that is not taken: a gap is filled before anything is put behind it. @param count of the account's transactions on the chain */
export function freeNonce(count: number, taken: ReadonlySet<number>): number {
  let nonce = count;
  while (taken.has(nonce)) nonce += 1;
  return nonce;
}

function larger(a: bigint, b: bigint): bigint {
  return a > b ? a : b;
}

// A transaction as nodes take it, and what they say of one that they do not take. Every node has words of its own for that and no code.

import type { SigningKey } from 'ethers/crypto';
import { Transaction } from 'ethers/transaction';
import type { Call } from '../../src/chain/rail/calldata.ts';
import type { Hex } from '../../src/core/payment/hex.ts';
import type { Fees } from './gas.ts';

export type Unsigned = { chainId: number; nonce: number; call: Call; gas: bigint; fees: Fees };

/** Deterministic: the same values give the same bytes and hash. It moves no ETH. @param key not kept */
export function signTransaction(
  key: SigningKey,
  { chainId, nonce, call, gas, fees }: Unsigned,
): { raw: Hex; hash: Hex } {
  const transaction = Transaction.from({ type: 2, chainId, nonce, ...call, gasLimit: gas, ...fees, value: 0n });
  transaction.signature = key.sign(transaction.unsignedHash);
  return { raw: transaction.serialized as Hex, hash: transaction.hash as Hex };
}

/** As geth, reth, op-geth, nethermind and anvil put it. */
const WORDS = {
  known: /already known|already imported|known transaction|already in mempool|alreadyknown/i,
  'nonce-used': /nonce too low|nonce is too low|nonce has already been used|oldnonce|invalid nonce/i,
  cheap: /replacement transaction underpriced|replacement.*(fee|price).*(low|underpriced)|transaction underpriced/i,
  empty: /insufficient funds/i,
} as const;

export function whatNodesSay(message: string): keyof typeof WORDS | undefined {
  return (Object.keys(WORDS) as (keyof typeof WORDS)[]).find((meaning) => WORDS[meaning].test(message));
}

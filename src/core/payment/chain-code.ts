// What can be wrong with a chain or with what tells us about it, as one closed set of codes. In core, so that the popup can say it
// (payment-advice.ts); src/chain/rail/chain-error.ts throws it.

export const CHAIN_CODES = [
  /** The RPC did not answer at all. */
  'unreachable',
  /** It did not answer in time. */
  'too_slow',
  /** It answered more than any answer can be. */
  'too_large',
  /** It answered with something that is none. */
  'bad_answer',
  /** It answered that the call failed: the contract reverted, or the RPC does not serve the method. */
  'call_failed',
  /** The chain is another one than the network's. */
  'wrong_chain',
  /** A contract is missing or is another one. */
  'wrong_contract',
  /** The token is not the one of the table: decimals or domain differ. */
  'wrong_token',
  /** Two RPCs tell different things. */
  'rpcs_disagree',
] as const;
export type ChainCode = (typeof CHAIN_CODES)[number];

/** Whether it is a `ChainError` of src/chain, told by its name: core and messages know the codes and not the class. */
export function isChainFailure(error: unknown): error is Error & { code: ChainCode } {
  return error instanceof Error && error.name === 'ChainError' && 'code' in error;
}

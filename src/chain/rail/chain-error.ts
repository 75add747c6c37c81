// What can be wrong with a chain, thrown. A text may name contracts, chains and what differs; never a key, and never the address of an RPC, which may
// hold an access token.

import type { ChainCode } from '../../core/payment/chain-code.ts';

export type { ChainCode } from '../../core/payment/chain-code.ts';

export class ChainError extends Error {
  override readonly name = 'ChainError';
  readonly code: ChainCode;

  /** @param detail what differs, in words */
  constructor(code: ChainCode, detail: string, options?: ErrorOptions) {
    super(`${code}: ${detail}`, options);
    this.code = code;
  }
}

export function isChainError<C extends ChainCode>(error: unknown, code: C): error is ChainError & { code: C } {
  return error instanceof ChainError && error.code === code;
}

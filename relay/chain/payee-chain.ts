// What a payee needs of the chain: read a channel, send a deposit, claim, sign its own typed data. Made by create.ts; used by relay/session.

import type { RelayQuote } from '../../src/core/payment/quote.ts';
import type { Hex } from '../../src/core/payment/hex.ts';
import type { Network } from '../../src/chain/rail/networks.ts';
import type { DepositStep } from '../ledger/deposits.ts';

/** A channel as the chain has it now. Amounts in base units; all zero for one that was never opened. */
export type ChainChannel = {
  balance: bigint;
  totalClaimed: bigint;
  pendingWithdrawal: bigint;
  /** ms since the epoch: when the payer may take it out. */
  withdrawAt: number | undefined;
  refundNonce: bigint;
};

export type PayeeChain = {
  network: Network;
  /** The payment key's address: receiver and receiverAuthorizer of every channel. */
  receiver: Hex;
  /** What it says of a channel that the ledger has is kept there. Throws `ChainError`. */
  read(id: Hex): Promise<ChainChannel>;
  /**
   * Sends what stands in the ledger as pending for this channel: resolves when it is sent, or found on the chain already, without a hash where
   * somebody else has sent it. Throws `PaymentError`
   * deposit_failed where the chain would not take it (it is `failed` in the ledger then), `ChainError` where nobody could be asked (it stays
   * `pending`, and is sent when somebody answers).
   */
  deposit(channel: Hex): Promise<{ txHash: Hex | undefined }>;
  /** Each later step of a deposit, also back to `pending` when its block is undone. */
  onDeposit(listener: (channel: Hex, state: DepositStep) => void): void;
  /** The chain's numbers of a channel changed (claim, withdrawal begun, top-up); the ledger has them already. */
  onChannel(listener: (channel: Hex) => void): void;
  /** Claims what was served, for a cooperative close; resolves with the hash when it is in a block, undefined where nothing is to be claimed. */
  claimNow(channel: Hex): Promise<Hex | undefined>;
  /** What the payment key's own account holds, base units. Throws `ChainError`. */
  balance(): Promise<bigint>;
  /** The payment key signs typed data of this protocol only. */
  signQuote(quote: RelayQuote): Hex;
  /**
   * What was served is never refunded, claimed or not. Throws `PaymentError`: exceeds_balance for more than the rest, unknown_channel for one that the ledger
   * has not.
   */
  signRefund(channel: Hex, amount: bigint, nonce: bigint): Hex;
  /** Gives it back at the relay's own gas, so that the payer needs none; resolves to the hash when it is sent. Throws `ChainError`. */
  sendRefund(channel: Hex, refund: { amount: bigint; nonce: bigint; signature: Hex }): Promise<Hex>;
  close(): Promise<void>;
};

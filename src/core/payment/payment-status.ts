// What the popup is told about payments, and nothing of it is secret. Amounts are decimal text in base units of the token (`Units`), since messages
// between pages carry no bigint: `parseAmount` and `formatAmount` of amount.ts read and write them. Times in ms since the epoch unless said otherwise.

import type { ChainCode } from './chain-code.ts';
import type { ChannelConfig } from './channel.ts';
import type { Hex } from './hex.ts';
import type { PaymentProblem } from './payment-problem.ts';

/** The networks of src/chain/rail/networks.ts. */
export const NETWORK_NAMES = ['base', 'base-sepolia', 'devnet'] as const;
export type NetworkName = (typeof NETWORK_NAMES)[number];

/** Base units as decimal text: "2000000" is 2 USDC. */
export type Units = string;

/** Another relay's `peer` id in base36, and who says to run it. */
export type PayeeView = { peer: string; operator: string };

export type BalanceView =
  | { is: 'known'; amount: Units; readAt: number }
  /**
   * `no-circuit`: it would be asked past the circuit, so that the chain's server saw the person's address beside the account's; `payments/status`
   * with `direct` asks all the same.
   */
  | { is: 'unknown'; why: 'no-wallet' | 'locked' | 'no-circuit' | ChainCode };

export const CHANNEL_STATES = [
  /** The deposit is signed and with the relay, and in no block yet. */
  'opening',
  'open',
  /** The relay is asked to claim and give the rest back. */
  'closing',
  /** Taken back without the relay: the money comes when the clock has run down. */
  'withdrawing',
  'closed',
  /** Found again by the words, and not in use here until the person says so. */
  'found',
] as const;
export type ChannelState = (typeof CHANNEL_STATES)[number];

export type ChannelView = {
  id: Hex;
  payee: PayeeView;
  state: ChannelState;
  /** `deposited` = `spent` + `left`; `spent` is what was signed for. */
  deposited: Units;
  spent: Units;
  left: Units;
  /** When the money of a withdrawal can be fetched; null: none was begun. */
  refundAt: number | null;
  /** A top-up that is signed ahead: it is used once, by itself, when a fifth is left, until that time. Null: none. */
  renewal: { amount: Units; until: number } | null;
  /**
   * Of a channel that was found: whether it can be used and closed here. `relay`: its relay has not been met; `key`: another wallet's key signs for it, and it can only
   * be taken back. Null: it was not found, or is in use.
   */
  found: 'ready' | 'relay' | 'key' | null;
};

/** What came of a look for money. */
export type FindReport = {
  /** Channels with money left that are shown now, and those that were known or have none. */
  found: number;
  known: number;
  /** How far back the chain was looked through, ms since the epoch, and whether that is all of it. */
  since: number;
  isAll: boolean;
  /** Servers of the chain. */
  asked: number;
  answered: number;
};

export const HISTORY_KINDS = [
  'deposit',
  'top-up',
  /** A top-up that was signed ahead and used by itself. */
  'renewal',
  'refund',
  'withdrawal-begun',
  'withdrawn',
  'failed',
] as const;
export type HistoryKind = (typeof HISTORY_KINDS)[number];

export type HistoryView = {
  at: number;
  kind: HistoryKind;
  operator: string;
  amount: Units;
  /** Null where the transaction is not known. */
  txHash: Hex | null;
};

export type LimitsView = { perDay: Units; perSession: Units; askAbovePerGb: Units };

export type DepositMessage = {
  from: string;
  to: string;
  value: Units;
  validAfter: number;
  validBefore: number;
  nonce: Hex;
};

/** A deposit that was asked for and not signed yet. `message` is the struct that the wallet will sign, field by field: everything else here is made from it. */
export type DepositQuestion = {
  /** Named by `payments/confirm-deposit`. */
  id: string;
  payee: PayeeView;
  channel: Hex;
  /** Whether the channel is there already. */
  isTopUp: boolean;
  amount: Units;
  /** In words. */
  network: string;
  symbol: string;
  /** Until when it can be used. */
  expiresAt: number;
  /** EIP-3009 `ReceiveWithAuthorization`; times in seconds since the epoch. */
  message: DepositMessage;
  /** Of the token: that struct is signed in it. */
  domain: { name: string; version: string; chainId: number; verifyingContract: Hex };
  /** The channel that the nonce binds the money to. */
  config: ChannelConfig;
  /** A second struct of the same domain and channel: signed with the first where the person ticks it, and used by itself when a fifth is left. Null: not offered. */
  renewal: { amount: Units; message: DepositMessage } | null;
};

/** A relay that is dearer than the person wanted to pay without being asked; answered by `payments/answer-price`. */
export type PriceQuestion = { payee: PayeeView; pricePerGb: Units; limitPerGb: Units };

export type PaymentStatus = {
  network: {
    name: NetworkName;
    /** In words. */
    title: string;
    chainId: number;
    symbol: string;
    decimals: number;
    /** Of an explorer's site, without a slash at its end; `/tx/<hash>` shows a transaction. Null where there is none. */
    explorer: string | null;
    /** Addresses of the chain's servers. */
    rpcs: string[];
  };
  /** Where money is sent to: the wallet's account that pays. Null while the wallet is locked or there is none. */
  account: string | null;
  balance: BalanceView;
  /** The entry in use; null: none is connected. Price and least deposit are null where it takes no money. */
  entry: (PayeeView & { pricePerGb: Units | null; minDeposit: Units | null; freeBytes: number | null }) | null;
  /** By this browser's own count; the cost is the share of this tab in what was paid. Null: not counted for this tab. */
  tab: { bytes: number; cost: Units } | null;
  today: { bytes: number; cost: Units };
  session: { cost: Units };
  channels: ChannelView[];
  /** The newest first. */
  history: HistoryView[];
  limits: LimitsView;
  deposit: DepositQuestion | null;
  price: PriceQuestion | null;
  /** A deposit is needed for the private tabs to go on: the popup leads there first. */
  needsDeposit: boolean;
  /** The deposit with the relay in use has a fifth left, or less; null: more, or none. `isTopUp`: it can be added to. */
  low: { payee: PayeeView; left: Units; isTopUp: boolean } | null;
  /** The last thing that went wrong and was not mended; words: payment-advice.ts. */
  problem: PaymentProblem | null;
};

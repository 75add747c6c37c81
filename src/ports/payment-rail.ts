// What payments need of the chain's structs, keys and servers. Implemented by src/chain/payment-rail.ts, which is loaded at the first use: it holds ethers.
// Keys are passed in for one call and not kept; nothing of them gets into an answer or an error.

import type { RegisteredRelay } from '../core/directory/registered-relay.ts';
import type { DescriptorKeys } from '../core/directory/open-descriptor.ts';
import type { ChannelConfig } from '../core/payment/channel.ts';
import type { Hex } from '../core/payment/hex.ts';
import type { DepositQuestion, NetworkName } from '../core/payment/payment-status.ts';
import type { RelayQuote } from '../core/payment/quote.ts';
import type { PayerChannel } from '../core/session/payer-channel.ts';
import type { SessionBodyOf } from '../core/wire/session-messages.ts';
import type { WireDeposit, WireVoucher } from '../core/wire/session-parts.ts';

export type UnsignedDeposit = Omit<WireDeposit, 'signature'>;

/** A channel as the chain has it; amounts in base units, `withdrawAt` in seconds since the epoch, 0 where no withdrawal is pending. */
export type ChainChannel = {
  balance: bigint;
  totalClaimed: bigint;
  pendingWithdrawal: bigint;
  initiatedAt: bigint;
};

/** Two are compared; with one, it is believed. */
export type Servers = readonly string[];

export interface PaymentRail {
  readonly chainId: number;
  /** Whether the payee that a relay's descriptor names signed these bytes of it. Never throws. */
  isOfPayee: DescriptorKeys['isOfPayee'];
  /** What the registry of relays says, by any of the servers: claims, where to begin. Empty on a network without one. Throws `ChainError` where no server can be read. */
  readRegistry(servers: Servers, options: { signal: AbortSignal }): Promise<readonly RegisteredRelay[]>;
  /**
   * The terms, where the payee's key signed them for this network; the peer's signature is over `signed`. Throws `PaymentError` bad_quote, bad_sig, wrong_network.
   */
  readQuote(quote: SessionBodyOf<'quote'>): { terms: RelayQuote; signed: Uint8Array<ArrayBuffer> };
  prove(channel: Hex, peers: { payerPeer: string; payeePeer: string }, key: Uint8Array): Hex;
  signVoucher(channel: Hex, sum: bigint, key: Uint8Array): Hex;
  isOwn(channel: PayerChannel, voucher: WireVoucher): boolean;
  /** Throws `PaymentError` bad_sig where the payee did not sign that so much comes back. */
  checkRefund(channel: PayerChannel, refund: NonNullable<SessionBodyOf<'closed'>['refund']>): void;

  /** The address of a session key. */
  signerOf(key: Uint8Array): Hex;
  /** A channel by which `payer` can pay the relay of these terms, and its id. */
  newChannel(init: { payer: string; key: Uint8Array; terms: RelayQuote; deviceId: Hex; epoch: bigint }): {
    id: Hex;
    config: ChannelConfig;
  };
  /** The struct that is signed for a deposit, and its domain. */
  depositStruct(
    config: ChannelConfig,
    deposit: UnsignedDeposit,
  ): Pick<DepositQuestion, 'message' | 'domain' | 'channel'>;
  /** @param key of the payer, 0x and 64 digits */
  signDeposit(config: ChannelConfig, deposit: UnsignedDeposit, key: string): WireDeposit;

  /** Base units. Throws `ChainError`. */
  balance(owner: string, servers: Servers): Promise<bigint>;
  channel(id: Hex, servers: Servers): Promise<ChainChannel>;
  /**
   * Channels that these accounts have paid into, by the events of a month of blocks before `before`, or of the last one. What a server makes up may be among them: each
   * is to be read by `channel`. Throws `ChainError`.
   */
  findChannels(
    look: { payers: readonly Hex[]; before: bigint | undefined },
    servers: Servers,
  ): Promise<{
    channels: readonly { id: Hex; config: ChannelConfig }[];
    /** The lowest block that was looked through, and its time, ms since the epoch. */
    from: bigint;
    since: number;
    /** Servers that answered. */
    answered: number;
  }>;
  /** Every server serves the network and its contracts. Throws `ChainError`. */
  checkServers(servers: Servers): Promise<void>;
  /**
   * Begins or ends a withdrawal; resolves with the transaction's hash when it is sent. Throws `ChainError`, `AskingError` payment-no-gas.
   * @param key of the payer, 0x and 64 digits
   */
  withdraw(step: 'begin' | 'fetch', channel: PayerChannel, key: string, servers: Servers): Promise<Hex>;
}

/** Loads the rail of a network. */
export type LoadRail = (network: NetworkName) => Promise<PaymentRail>;

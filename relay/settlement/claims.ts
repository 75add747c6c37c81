// Claims what was served on vouchers, and has what was claimed paid out. Which and when: batch.ts. Only what was served is claimed: the increment that a voucher
// promises ahead stays the payer's. Used by settler.ts and `conet-relay settle`.

import { isChainError } from '../../src/chain/rail/chain-error.ts';
import { claimCall, settleCall, type VoucherClaim } from '../../src/chain/rail/calldata.ts';
import type { Network } from '../../src/chain/rail/networks.ts';
import { readReceiver } from '../../src/chain/rail/reads.ts';
import type { Rpc } from '../../src/chain/rpc.ts';
import type { Hex } from '../../src/core/payment/hex.ts';
import { claimSum } from '../../src/core/payment/voucher.ts';
import { eachInTurn } from '../chain/serial.ts';
import type { Sender } from '../chain/sender.ts';
import type { Sent } from '../chain/sender-entry.ts';
import type { StoredChannel } from '../ledger/channels.ts';
import type { Ledger } from '../ledger/ledger.ts';
import type { PaymentKey } from '../payment-key.ts';
import {
  CLAIM_RULES,
  decideClaims,
  SETTLE_RULES,
  shouldSettle,
  type Claim,
  type ClaimCandidate,
  type ClaimRules,
  type SettleRules,
} from './batch.ts';
import type { ChannelWatch } from './watch.ts';

export type Claims = {
  /** Sends the claims that are due. Throws `ChainError`, `SenderError`. */
  claim(rules?: ClaimRules): Promise<Sent[]>;
  /** Has what was claimed paid out, when it is worth it. Throws `ChainError`, `SenderError`. */
  settle(rules?: SettleRules): Promise<Sent | undefined>;
  /** One channel now, however little it is; undefined where nothing is to be claimed. */
  claimOne(id: Hex): Promise<Sent | undefined>;
};

export type ClaimsInit = {
  network: Network;
  rpc: Rpc;
  ledger: Pick<Ledger, 'channels' | 'transactions'>;
  sender: Sender;
  watch: ChannelWatch;
  key: Pick<PaymentKey, 'address'>;
  /** ms since the epoch. */
  now?: () => number;
};

/** A channel whose claim the chain refuses is not asked about again with every look. */
const REFUSED_REST_MS = 3_600_000;

/** What the payee has earned of a channel: of what was signed, what was served. Cumulative. */
export function earned({ voucher, reserved, owed }: StoredChannel): bigint {
  return claimSum({ promised: voucher?.max ?? 0n, reserved }, owed);
}

export function createClaims(init: ClaimsInit): Claims {
  const { network, rpc, ledger, sender, watch, key, now = Date.now } = init;
  const claimedAt = new Map<Hex, number>();
  const refusedAt = new Map<Hex, number>();
  /** Where it never was: since the first claim there has been something to pay out. */
  let settledAt: number | undefined;
  for (const { chainId, account, kind, channels, preparedAt } of ledger.transactions.list(['mined'])) {
    if (chainId !== network.chainId || account !== key.address) continue;
    if (kind === 'settle') settledAt = preparedAt;
    if (kind !== 'claim') continue;
    settledAt ??= preparedAt;
    for (const { id } of channels) claimedAt.set(id, preparedAt);
  }
  settledAt ??= now();
  sender.onEnd(({ kind, channels, ending }) => {
    if (ending !== 'mined') return;
    if (kind === 'settle') settledAt = now();
    if (kind === 'claim') for (const { id } of channels) claimedAt.set(id, now());
  });

  const underWay = (kind: 'claim' | 'settle', id?: Hex): boolean =>
    sender.underWay().some((sent) => {
      return sent.kind === kind && (id === undefined || sent.channels.some((channel) => channel.id === id));
    });

  const candidateOf = (channel: StoredChannel): ClaimCandidate => ({
    id: channel.id,
    signed: earned(channel),
    balance: channel.balance,
    claimed: channel.claimed,
    pendingWithdrawal: channel.pendingWithdrawal,
    lastClaimAt: claimedAt.get(channel.id) ?? channel.openedAt,
    underWay: underWay('claim', channel.id),
  });

  const candidates = (): ClaimCandidate[] =>
    ledger.channels
      .list()
      // Closed ones too: the block of the claim that closed one may be undone.
      .filter(({ chainId, voucher, config }) => {
        return chainId === network.chainId && voucher && config.receiver === key.address;
      })
      .map(candidateOf)
      .filter(({ id }) => now() - (refusedAt.get(id) ?? Number.NEGATIVE_INFINITY) >= REFUSED_REST_MS);

  const send = async (claims: readonly Claim[]): Promise<Sent> => {
    const urgent = claims.some(({ id }) => isUrgent(ledger.channels.get(id), now()));
    const entries = claims.map((claim) => entryOf(claim, ledger.channels.get(claim.id)));
    return sender.send({ kind: 'claim', channels: claims, call: claimCall(network, entries), urgent });
  };

  /** One that the chain refuses takes its whole batch along: then each is sent by itself, and those that fail are read again and rest. */
  const sendBatch = async (claims: readonly Claim[]): Promise<Sent[]> => {
    try {
      return [await send(claims)];
    } catch (error) {
      if (!isChainError(error, 'call_failed')) throw error;
      const [first, ...more] = claims;
      if (first === undefined) return [];
      if (more.length === 0) {
        refusedAt.set(first.id, now());
        await watch.see(first.id);
        return [];
      }
      const sent: Sent[] = [];
      for (const claim of claims) sent.push(...(await sendBatch([claim])));
      return sent;
    }
  };

  return {
    claim: async (rules = CLAIM_RULES) => {
      const sent: Sent[] = [];
      // One that waits for cheaper gas must not keep back another that cannot wait.
      await eachInTurn(decideClaims(candidates(), now(), rules), async ({ claims }) => {
        sent.push(...(await sendBatch(claims)));
      });
      return sent;
    },
    claimOne: async (id) => {
      await watch.see(id);
      const channel = ledger.channels.get(id);
      if (channel?.voucher === undefined) return undefined;
      const flying = sender
        .underWay()
        .find(({ kind, channels }) => kind === 'claim' && channels.some((c) => c.id === id));
      if (flying !== undefined) return flying;
      const nothing = { minAmount: 1n, dust: 1n, maxAgeMs: 0, maxGas: CLAIM_RULES.maxGas };
      const [batch] = decideClaims([candidateOf(channel)], now(), nothing);
      return batch && send(batch.claims);
    },
    settle: async (rules = SETTLE_RULES) => {
      if (underWay('settle') || underWay('claim')) return undefined;
      const { claimed, settled } = await rpc.at('latest').read(readReceiver(network, key.address));
      const unsettled = claimed - settled;
      if (!shouldSettle({ unsettled, settledAt: settledAt ?? now(), now: now() }, rules)) return undefined;
      return sender.send({ kind: 'settle', channels: [], call: settleCall(network, key.address) });
    },
  };
}

/** The second half of the delay has begun: what is not claimed before its end is gone. */
function isUrgent(channel: StoredChannel | undefined, now: number): boolean {
  if (channel?.withdrawAt === undefined || channel.pendingWithdrawal === 0n) return false;
  return channel.withdrawAt - now < (channel.config.withdrawDelay * 1000) / 2;
}

function entryOf({ id, max }: Claim, channel: StoredChannel | undefined): VoucherClaim {
  if (channel?.voucher === undefined) throw new Error(`no voucher is kept for the channel ${id}`);
  return { config: channel.config, sum: channel.voucher.max, signature: channel.voucher.signature, totalClaimed: max };
}

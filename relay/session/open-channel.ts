// How a payer comes to be charged: by the free quota, or by a channel that it shows to be its own. The order of the checks is from cheap to dear, and what costs
// the relay gas comes after all of them.

import { checkChannelConfig, type ChannelConfig } from '../../src/core/payment/channel.ts';
import type { Hex } from '../../src/core/payment/hex.ts';
import { PaymentError } from '../../src/core/payment/payment-error.ts';
import type { SessionBodyOf } from '../../src/core/wire/session-messages.ts';
import type { WireDeposit } from '../../src/core/wire/session-parts.ts';
import { channelId } from '../../src/chain/rail/channel-id.ts';
import { depositNonce, verifyDeposit } from '../../src/chain/rail/deposit.ts';
import { verifySessionProof } from '../../src/chain/rail/session-proof.ts';
import type { ChannelKind } from '../ledger/channels.ts';
import { quotaPrefix } from '../ledger/free-quota.ts';
import { LedgerError } from '../ledger/ledger-error.ts';
import type { Account } from './account.ts';
import type { ChannelAccount } from './channel-account.ts';
import type { GrantedLease } from '../entry/leases.ts';
import type { Payer } from './parts.ts';
import type { Payee } from './payee.ts';

type Shown = { config: ChannelConfig; proof: Hex };
type OpenWithChannel = SessionBodyOf<'open'> & { channel: Shown };

/** What a stream has been opened with. */
export type Opened = {
  account: Account;
  /** Missing on transit, and for a channel that was closed: it is opened only to be closed again. */
  lease: GrantedLease | undefined;
};
export type OpenedChannel = Opened & { account: ChannelAccount; txHash: Hex | undefined };

/** Throws `PaymentError` no_free_quota or no_port, `LedgerError`. */
export async function openFree(payee: Payee, payer: Payer): Promise<Opened & { lease: GrantedLease }> {
  const account = payee.init.role === 'session' ? payee.accounts.free(payer) : undefined;
  if (account === undefined) throw new PaymentError('no_free_quota', 'this relay has none');
  await account.start();
  if (account.freeBytes === 0n) throw new PaymentError('no_free_quota', 'today’s is used');
  return { account, lease: grant(payee, payer, account) };
}

/**
 * Throws `PaymentError`, `LedgerError`, `ChainError`. The quote is the caller's to have looked at.
 * @param free the lease of this stream on the free quota
 */
export async function openChannel(
  payee: Payee,
  payer: Payer,
  { channel, deposit, voucher }: OpenWithChannel,
  free: GrantedLease | undefined,
): Promise<OpenedChannel> {
  const { config } = channel;
  checkConfig(payee, config);
  if (deposit !== undefined) checkAmount(payee, deposit);
  const id = channelId(payee.init.chain.network, config);
  checkProof(payee, payer, id, channel);
  const txHash = deposit && (await takeDeposit(payee, payer, id, config, deposit));
  const account = await find(payee, id, config);
  if (account.ended) return { account, lease: undefined, txHash };
  if (account.funds.withdrawing > 0n) throw new PaymentError('withdraw_pending', 'a withdrawal was begun');
  // What is not above the best one changes nothing: the payer may not know which one came.
  if (voucher !== undefined && voucher.max > account.promised) {
    await account.take(voucher, () => payee.vouchers.verify(id, voucher, config.payerAuthorizer), true);
  }
  if (payee.init.role === 'session') return { account, lease: grant(payee, payer, account, free), txHash };
  payee.accounts.link(payer.peer, account);
  return { account, lease: undefined, txHash };
}

/** Another deposit into the channel that the stream has opened. Throws like `openChannel`. */
export async function topUp(
  payee: Payee,
  payer: Payer,
  channel: ChannelAccount,
  deposit: WireDeposit,
): Promise<Hex | undefined> {
  checkAmount(payee, deposit);
  if (channel.ended || channel.funds.withdrawing > 0n) {
    throw new PaymentError('withdraw_pending', 'the channel is being closed');
  }
  const txHash = await takeDeposit(payee, payer, channel.id, channel.config, deposit);
  await payee.accounts.channel(channel.id);
  return txHash;
}

/** @param opened the channel of the stream, of which alone it may ask then */
export async function stateOf(
  payee: Payee,
  payer: Payer,
  shown: Shown,
  opened: Hex | undefined,
): Promise<SessionBodyOf<'state'>> {
  checkConfig(payee, shown.config);
  const { chain, ledger } = payee.init;
  const id = channelId(chain.network, shown.config);
  if (opened !== undefined && opened !== id)
    throw new PaymentError('wrong_channel', 'the stream has opened another one');
  checkProof(payee, payer, id, shown);
  const onChain = await chain.read(id);
  if (ledger.channels.get(id) === undefined && onChain.balance === 0n) {
    throw new PaymentError('unknown_channel', 'neither the ledger nor the chain knows it');
  }
  const account = await find(payee, id, shown.config);
  return {
    type: 'state',
    channelId: id,
    ...{ balance: onChain.balance, totalClaimed: onChain.totalClaimed },
    ...{ pendingWithdrawal: onChain.pendingWithdrawal, refundNonce: onChain.refundNonce },
    owed: account.owed,
    ...(account.voucher && { voucher: account.voucher }),
  };
}

function checkConfig(payee: Payee, config: ChannelConfig): void {
  const { receiver, token, withdrawDelay } = payee.terms;
  if (config.token !== token) throw new PaymentError('wrong_network', 'the token');
  checkChannelConfig(config, { receiver, token, withdrawDelay });
}

function checkAmount(payee: Payee, deposit: WireDeposit): void {
  if (deposit.amount < payee.terms.minDeposit) throw new PaymentError('min_deposit', 'the deposit');
}

function checkProof(payee: Payee, payer: Payer, id: Hex, { config, proof }: Shown): void {
  const { chain, peerId } = payee.init;
  const about = { channelId: id, payerPeer: payer.peerId, payeePeer: peerId };
  verifySessionProof(chain.network, about, proof, config.payerAuthorizer);
}

/** Keeps it, and sends it to the chain. */
async function takeDeposit(
  payee: Payee,
  payer: Payer,
  id: Hex,
  config: ChannelConfig,
  deposit: WireDeposit,
): Promise<Hex | undefined> {
  const { chain, ledger, clock, role } = payee.init;
  if (ledger.channels.get(id)?.state === 'closed') throw new PaymentError('withdraw_pending', 'the channel is closed');
  const nonce = depositNonce(id, deposit.salt);
  const before = payee.accounts.deposits(id).find((kept) => kept.nonce === nonce);
  // Shown again, since the payer has not seen it on the chain: what was checked then is not checked again, and its time may be over.
  if (before?.amount === deposit.amount) {
    if (before.state === 'failed') throw new PaymentError('deposit_failed', 'the chain did not take it');
    return before.state === 'pending' ? (await chain.deposit(id)).txHash : before.txHash;
  }
  const source = role === 'session' ? quotaPrefix(payer.address) : payer.peer;
  if (!payee.often.take('deposit', source)) throw new PaymentError('rate_limited', 'deposits');
  verifyDeposit(chain.network, config, deposit, clock.now());
  await keep(payee, id, config);
  const kept = await ledger.deposits.save({ ...deposit, nonce, channelId: id }, clock.now()).catch((error: unknown) => {
    if (!(error instanceof LedgerError) || error.code !== 'conflict') throw error;
    throw new PaymentError('deposit_failed', 'its salt was used for another deposit', { cause: error });
  });
  if (kept.state === 'failed') throw new PaymentError('deposit_failed', 'the chain did not take it');
  return kept.state === 'pending' ? (await chain.deposit(id)).txHash : kept.txHash;
}

/** The account of a channel; one that only the chain knows is taken up again: the ledger may have been lost. */
async function find(payee: Payee, id: Hex, config: ChannelConfig): Promise<ChannelAccount> {
  const { chain, ledger } = payee.init;
  if (ledger.channels.get(id) === undefined) {
    const { balance } = await chain.read(id);
    if (balance === 0n) throw new PaymentError('unknown_channel', 'neither the ledger nor the chain knows it');
    await keep(payee, id, config);
  }
  const kept = ledger.channels.get(id)?.kind === kindOf(payee);
  const account = kept ? await payee.accounts.channel(id) : undefined;
  // One that is charged by clients and by links would be served twice.
  if (account === undefined) throw new PaymentError('unknown_channel', 'it is not for this protocol');
  return account;
}

function kindOf({ init }: Payee): ChannelKind {
  return init.role === 'session' ? 'client' : 'transit';
}

function keep(payee: Payee, id: Hex, config: ChannelConfig): Promise<void> {
  const { init } = payee;
  return init.ledger.channels.open(
    { id, kind: kindOf(payee), chainId: init.chain.network.chainId, config },
    init.clock.now(),
  );
}

/**
 * @param free the lease of this stream on the free quota: where no other port is left its place is taken, and what runs on it is cut
 */
function grant(payee: Payee, { peer, address }: Payer, meter: Account, free?: GrantedLease): GrantedLease {
  const ask = (): GrantedLease | 'no-port' => payee.init.leases?.grant({ peer, address, meter }) ?? 'no-port';
  let lease = ask();
  if (lease === 'no-port' && free !== undefined) {
    free.release();
    lease = ask();
  }
  if (lease === 'no-port') throw new PaymentError('no_port', 'every port has a lease of this address');
  return lease;
}

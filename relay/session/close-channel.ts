// The end of a channel that both sides agree on: the final voucher, the claim of what was served, and a refund of the rest, which the relay signs and
// sends at its own gas. Asked again it answers the same: the chain takes each refund once.

import { lessOrNone, most } from '../../src/core/payment/amount.ts';
import { PaymentError } from '../../src/core/payment/payment-error.ts';
import { claimSum } from '../../src/core/payment/voucher.ts';
import type { SessionBodyOf } from '../../src/core/wire/session-messages.ts';
import type { ChannelAccount } from './channel-account.ts';
import type { Payee } from './payee.ts';

/** Throws `PaymentError`, `LedgerError`, `ChainError`; the channel goes on then. @param verify of the final voucher */
export async function closeChannel(
  payee: Payee,
  channel: ChannelAccount,
  { voucher, refund }: SessionBodyOf<'close'>,
  verify: () => void,
): Promise<SessionBodyOf<'closed'>> {
  const { chain, ledger } = payee.init;
  if (voucher.max < channel.promised) throw new PaymentError('not_advancing', 'a better voucher is known');
  // One that comes when it is closed pays nothing any more; a payer that has not heard of the close signs once more.
  if (voucher.max > channel.promised && !channel.ended) await channel.take(voucher, verify, true);
  // A deposit on its way could neither be claimed from nor given back.
  if (payee.accounts.deposits(channel.id).some(({ state }) => state === 'pending')) {
    throw new PaymentError('unavailable', 'a deposit is on its way');
  }
  const wasEnded = channel.ended;
  if (wasEnded && ledger.channels.get(channel.id)?.state !== 'closed') {
    throw new PaymentError('unavailable', 'another stream is closing it');
  }
  try {
    await channel.end();
    const txHash = wasEnded ? undefined : await chain.claimNow(channel.id);
    const { balance, totalClaimed, pendingWithdrawal, refundNonce } = await chain.read(channel.id);
    // Were the claim not to count, what was earned stays the relay's.
    const earned = claimSum({ promised: channel.promised, reserved: 0n }, channel.owed);
    const amount = lessOrNone(balance, most(earned, totalClaimed) + pendingWithdrawal);
    await ledger.channels.setState(channel.id, 'closed');
    const sent = refund && amount > 0n ? await giveBack(payee, channel, amount, refundNonce) : undefined;
    const hash = sent?.txHash ?? txHash;
    return {
      type: 'closed',
      channelId: channel.id,
      ...(sent && { refund: sent.refund }),
      ...(hash === undefined ? {} : { txHash: hash }),
    };
  } catch (error) {
    if (!wasEnded) channel.goOn();
    throw error;
  }
}

/** The refund, and its hash where the relay sends it now: once, and the payer or anybody else may send it should that fail. */
async function giveBack({ init }: Payee, { id }: ChannelAccount, amount: bigint, nonce: bigint) {
  const { chain, ledger } = init;
  const refund = { amount, nonce, signature: chain.signRefund(id, amount, nonce) };
  const before = ledger.transactions.list(['prepared', 'sent', 'mined']);
  if (before.some(({ kind, channels }) => kind === 'refund' && channels.some((channel) => channel.id === id))) {
    return { refund, txHash: undefined };
  }
  return { refund, txHash: await chain.sendRefund(id, refund).catch(() => undefined) };
}

// `conet-relay ledger`: what was earned, which channels are open, what can be claimed. Reads only, also while the relay runs. No signature is
// printed: a voucher is money to whoever can claim it, and a report may be passed on.

import { openForReading } from '../ledger/ledger-file.ts';
import { readSummary, type LedgerSummary } from '../ledger/summary.ts';
import { section, short, units } from './tables.ts';

/** Lines for a person, or one of JSON with amounts as decimal text in base units. Throws `LedgerError`. */
export function ledgerReport(path: string, asJson: boolean): string[] {
  const db = openForReading(path);
  try {
    const summary = readSummary(db);
    return asJson ? [JSON.stringify(withoutSecrets(summary))] : formatSummary(summary);
  } finally {
    db.close();
  }
}

function formatSummary({ totals, channels, outgoing, deposits, transactions }: LedgerSummary): string[] {
  if (channels.length === 0 && outgoing.length === 0) return ['the ledger is empty: nobody has opened a channel yet'];
  return [
    ...totals.flatMap(({ chainId, token, signed, claimed, claimable, unsigned, paid }) => [
      `chain ${chainId}, token ${token}`,
      ...[
        `  earned ${units(signed)}: claimed ${units(claimed)}, claimable now ${units(claimable)}`,
        `  served without a voucher ${units(unsigned)}, signed to exits ${units(paid)}`,
      ],
    ]),
    ...section('channels that pay this relay', [
      ['channel', 'kind', 'state', 'payer', 'balance', 'signed', 'claimed', 'claimable', 'MiB', 'last voucher'],
      ...channels.map((channel) => [
        ...[short(channel.id), channel.kind, stateOf(channel), short(channel.config.payer), units(channel.balance)],
        ...[units(channel.voucher?.max ?? 0n), units(channel.claimed), units(channel.claimable)],
        ...[mebibytes(channel.bytesUp + channel.bytesDown), time(channel.voucherAt)],
      ]),
    ]),
    ...section('channels that this relay pays', [
      ['channel', 'to', 'state', 'balance', 'signed', 'owed'],
      ...outgoing.map(({ id, peer, state, balance, voucher, owed }) => [
        ...[short(id), peer, state, units(balance), units(voucher?.max ?? 0n), units(owed)],
      ]),
    ]),
    ...section('deposits that are not safe yet', [
      ['channel', 'amount', 'state', 'transaction'],
      ...deposits.map(({ channelId, amount, state, txHash }) => [
        short(channelId),
        units(amount),
        state,
        txHash ?? '-',
      ]),
    ]),
    ...section('transactions under way', [
      ['nonce', 'kind', 'state', 'transaction'],
      ...transactions.map(({ nonce, kind, state, hashes }) => [String(nonce), kind, state, hashes.at(-1) ?? '-']),
    ]),
  ];
}

/** A withdrawal is what an operator must see first: after the delay the money is gone. */
function stateOf({ state, pendingWithdrawal }: LedgerSummary['channels'][number]): string {
  return pendingWithdrawal > 0n ? 'withdrawing' : state;
}

function mebibytes(bytes: bigint): string {
  return String(bytes >> 20n);
}

function time(ms: number | undefined): string {
  return ms === undefined ? '-' : new Date(ms).toISOString().slice(0, 19);
}

/** As JSON can hold it: amounts as text, and no signature. */
function withoutSecrets(value: unknown): unknown {
  return JSON.parse(
    JSON.stringify(value, (name, inner: unknown) => {
      if (name === 'signature' || name === 'standing') return undefined;
      return typeof inner === 'bigint' ? String(inner) : inner;
    }),
  );
}

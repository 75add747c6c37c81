// `conet-relay settle`: claims everything that can be claimed now, has it paid out, and says what came of it. For an operator who leaves, or who wants the money
// today: a running relay does both by itself. It writes the ledger, so the relay must not run.

import { NETWORKS } from '../../src/chain/rail/networks.ts';
import { readReceiver } from '../../src/chain/rail/reads.ts';
import type { Hex } from '../../src/core/payment/hex.ts';
import type { Ended } from '../chain/sender-entry.ts';
import { createServers } from '../chain/servers.ts';
import type { PaymentsConfig } from '../config/payments.ts';
import { LedgerError } from '../ledger/ledger-error.ts';
import { openLedger, type Ledger } from '../ledger/ledger.ts';
import { loadPaymentKey } from '../payment-key.ts';
import { CLAIM_RULES } from '../settlement/batch.ts';
import { createSettler, type Settler } from '../settlement/settler.ts';
import { section, short, units } from './tables.ts';

export class SettleError extends Error {
  override readonly name = 'SettleError';
}

export type SettleInit = {
  payments: PaymentsConfig;
  ledger: string;
  entry: boolean;
  /** How long blocks are waited for. */
  patienceMs?: number;
};

/** Whatever is worth more than nothing. */
const ALL = {
  claim: { ...CLAIM_RULES, minAmount: 1n, dust: 1n, maxAgeMs: 0 },
  settle: { minAmount: 1n, dust: 1n, maxAgeMs: 0 },
};
/** 60 blocks of Base. */
const PATIENCE_MS = 120_000;
const LOOK_MS = 500;

/** Lines for a person. Throws `SettleError`, `LedgerError`, `ChainError`, `KeyFileError`. */
export async function settleNow({
  payments,
  ledger: path,
  entry,
  patienceMs = PATIENCE_MS,
}: SettleInit): Promise<string[]> {
  const key = await loadPaymentKey(payments.key);
  const network = NETWORKS[payments.network];
  const ledger = open(path, entry);
  try {
    const servers = createServers({ network, urls: payments.rpc, fetch });
    if ((await servers.check()) === 0) throw new SettleError('no server of payments.rpc answers');
    const ended: Ended[] = [];
    let trouble: unknown;
    const settler = await createSettler({
      ...{ network, servers, ledger, key, rules: ALL },
      on: {
        deposit: () => undefined,
        channel: () => undefined,
        ended: (transaction) => ended.push(transaction),
        trouble: (_, error) => (trouble = error),
        relief: () => (trouble = undefined),
      },
    });
    const before = new Map(ledger.channels.list().map(({ id, claimed }) => [id, claimed]));
    const { settled: paidBefore } = await servers.at('latest').read(readReceiver(network, key.address));
    const done = await untilQuiet(settler, patienceMs);
    if (trouble !== undefined) throw trouble instanceof Error ? trouble : new SettleError('it failed');
    const { claimed, settled } = await servers.at('latest').read(readReceiver(network, key.address));
    return [
      ...claimedLines(ledger, before),
      ...section('transactions', [
        ['kind', 'how it ended', 'block', 'transaction'],
        ...ended.map(({ kind, ending, block, hash }) => [kind, ending, String(block ?? '-'), hash]),
      ]),
      '',
      `paid out to ${key.address}: ${units(settled - paidBefore)} ${network.token.symbol}; still to be paid out: ${units(claimed - settled)}`,
      ...(done ? [] : ['some transactions are in no block yet; the relay follows them when it runs']),
    ];
  } finally {
    ledger.close();
  }
}

/** Rounds until nothing is under way and a round brought nothing new. */
async function untilQuiet(settler: Settler, patienceMs: number): Promise<boolean> {
  const until = Date.now() + patienceMs;
  let sent = -1;
  const count = (): number => settler.sender.underWay().at(-1)?.id ?? 0;
  for (;;) {
    await settler.beat();
    const under = count();
    if (under === 0 && sent === 0) return true;
    sent = under;
    if (Date.now() > until) return false;
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
  }
}

function claimedLines(ledger: Ledger, before: ReadonlyMap<Hex, bigint>): string[] {
  const rows = ledger.channels.list().flatMap(({ id, claimed, balance }) => {
    const more = claimed - (before.get(id) ?? 0n);
    return more > 0n ? [[short(id), units(more), units(claimed), units(balance)]] : [];
  });
  if (rows.length === 0) return ['nothing was to be claimed'];
  return section('claimed', [['channel', 'now', 'in all', 'balance'], ...rows]).slice(1);
}

function open(path: string, entry: boolean): Ledger {
  try {
    return openLedger({ path, entry });
  } catch (error) {
    if (!(error instanceof LedgerError && error.code === 'locked')) throw error;
    throw new SettleError(
      `${error.message}; the relay claims and settles by itself while it runs. To do it now, stop it first`,
    );
  }
}

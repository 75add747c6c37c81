// Transactions of the relay's own account. The nonce, and the vouchers of a claim, are kept before the transaction is sent, so that after a crash
// it is known which nonces may be on the chain; a nonce is taken once, and one that was dropped may be taken again.

import type { DatabaseSync } from 'node:sqlite';
import type { Hex } from '../../src/core/wire/kinds.ts';
import type { Write } from './commit-queue.ts';
import { LedgerError } from './ledger-error.ts';
import { amountBlob, asAmount, asHex, asInteger, asText, hexText, maybe } from './values.ts';

/** `approve` and `registry`: of `conet-relay join`; they are about no channel. */
export type TransactionKind = 'deposit' | 'claim' | 'settle' | 'refund' | 'withdraw' | 'approve' | 'registry';
export const TRANSACTION_STATES = ['prepared', 'sent', 'mined', 'reverted', 'dropped'] as const;
export type TransactionState = (typeof TRANSACTION_STATES)[number];
export type TransactionEnd = Extract<TransactionState, 'mined' | 'reverted' | 'dropped'>;

export type NewTransaction = {
  chainId: number;
  account: Hex;
  nonce: number;
  kind: TransactionKind;
  /** Which channels, and for a claim up to what, in base units. */
  channels: readonly { id: Hex; max: bigint }[];
};
export type StoredTransaction = NewTransaction & {
  id: number;
  state: TransactionState;
  /** One for each gas price that it was sent with, oldest first. */
  hashes: Hex[];
  block: number | undefined;
  preparedAt: number;
};

export type Transactions = {
  /** Resolves to its id. `conflict` where the nonce is taken. @param now ms */
  prepare(transaction: NewTransaction, now: number): Promise<number>;
  /** Before it is sent, again for every other gas price. `wrong-state` when it has ended. @param now ms */
  sent(id: number, hash: Hex, now: number): Promise<void>;
  /** How it ended; `prepared` and `sent` only. A block that is undone: `reopen`. */
  end(id: number, state: TransactionEnd, block?: number): Promise<void>;
  /** The block of it is gone: it is `sent` again. */
  reopen(id: number): Promise<void>;
  /** The first nonce that is above all that are taken; 0 where none is. The chain may be further. */
  nextNonce(chainId: number, account: Hex): number;
  /** Oldest first. */
  list(states?: readonly TransactionState[]): StoredTransaction[];
};

export function createTransactions(db: DatabaseSync, write: Write): Transactions {
  const insert = db.prepare(
    'INSERT INTO transactions (chain_id, account, nonce, kind, prepared_at) VALUES (?, ?, ?, ?, ?)',
  );
  const insertChannel = db.prepare('INSERT INTO transaction_channels VALUES (?, ?, ?)');
  const insertHash = db.prepare('INSERT INTO transaction_hashes VALUES (?, ?, ?) ON CONFLICT DO NOTHING');
  const step = (from: readonly TransactionState[], id: number, to: TransactionState, block?: number): void => {
    const places = from.map(() => '?').join(', ');
    const update = db.prepare(`UPDATE transactions SET state = ?, block = ? WHERE id = ? AND state IN (${places})`);
    if (update.run(to, block ?? null, id, ...from).changes === 1) return;
    throw new LedgerError('wrong-state', `this transaction cannot become ${to}`);
  };

  return {
    prepare: ({ chainId, account, nonce, kind, channels }, now) =>
      write(() => {
        const id = Number(insert.run(chainId, hexText(account, 20), nonce, kind, now).lastInsertRowid);
        for (const { id: channel, max } of channels) insertChannel.run(id, hexText(channel, 32), amountBlob(max));
        return id;
      }),
    sent: (id, hash, now) =>
      write(() => {
        step(['prepared', 'sent'], id, 'sent');
        insertHash.run(id, hexText(hash, 32), now);
      }),
    end: (id, state, block) => write(() => step(['prepared', 'sent'], id, state, block)),
    reopen: (id) => write(() => step(['mined', 'reverted'], id, 'sent')),
    nextNonce: (chainId, account) => {
      const row = db
        .prepare(
          `SELECT coalesce(max(nonce) + 1, 0) AS next FROM transactions WHERE chain_id = ? AND account = ? AND state <> 'dropped'`,
        )
        .get(chainId, hexText(account, 20));
      return Number(row?.['next']);
    },
    list: (states) => listTransactions(db, states),
  };
}

export function listTransactions(
  db: DatabaseSync,
  states: readonly TransactionState[] = TRANSACTION_STATES,
): StoredTransaction[] {
  const read = (sql: string) => {
    const statement = db.prepare(sql);
    statement.setReadBigInts(true);
    return statement;
  };
  const channels = read(
    'SELECT channel_id, max FROM transaction_channels WHERE transaction_id = ? ORDER BY channel_id',
  );
  const hashes = read('SELECT hash FROM transaction_hashes WHERE transaction_id = ? ORDER BY sent_at');
  const places = states.map(() => '?').join(', ');
  return read(`SELECT * FROM transactions WHERE state IN (${places}) ORDER BY id`)
    .all(...states)
    .map((row): StoredTransaction => {
      const id = asInteger(row['id']);
      return {
        id,
        chainId: asInteger(row['chain_id']),
        account: asHex(row['account']),
        nonce: asInteger(row['nonce']),
        kind: asText(row['kind']) as TransactionKind,
        state: asText(row['state']) as TransactionState,
        channels: channels.all(id).map((item) => ({ id: asHex(item['channel_id']), max: asAmount(item['max']) })),
        hashes: hashes.all(id).map((item) => asHex(item['hash'])),
        block: maybe(row['block'], asInteger),
        preparedAt: asInteger(row['prepared_at']),
      };
    });
}

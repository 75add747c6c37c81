// Deposits: the payer's authorization, kept before it is sent to the chain, and how far it has come. After a reorganisation of the chain or a
// crash the same authorization is sent again; its nonce makes two of them one.

import type { DatabaseSync } from 'node:sqlite';
import type { Hex } from '../../src/core/wire/kinds.ts';
import type { WireDeposit } from '../../src/core/wire/session-parts.ts';
import type { Write } from './commit-queue.ts';
import { LedgerError } from './ledger-error.ts';
import { amountBlob, asAmount, asHex, asInteger, asText, hexText, maybe, type Row } from './values.ts';

export const DEPOSIT_STEPS = ['pending', 'unsafe', 'safe', 'failed'] as const;
export type DepositStep = (typeof DEPOSIT_STEPS)[number];

/** Where the transaction stands; a block only with `unsafe` and `safe`. */
export type DepositPlace = {
  txHash?: Hex | undefined;
  block?: number | undefined;
  blockHash?: Hex | undefined;
};

/** `nonce` of EIP-3009, which the channel's id and the salt make. */
export type NewDeposit = WireDeposit & { nonce: Hex; channelId: Hex };
export type StoredDeposit = NewDeposit & DepositPlace & { state: DepositStep; savedAt: number };

export type Deposits = {
  /** Resolves to what is kept: `pending`, or the state of the same authorization if it was given before. `conflict` for another one. */
  save(deposit: NewDeposit, now: number): Promise<StoredDeposit>;
  /** One step; `wrong-state` where there is none from what is kept. */
  move(nonce: Hex, state: DepositStep, place?: DepositPlace): Promise<void>;
  /** Oldest first; all, or those of some states. */
  list(states?: readonly DepositStep[]): StoredDeposit[];
};

/** A block can be undone until it is safe. What is safe or failed stays so. */
const STEPS: Readonly<Record<DepositStep, readonly DepositStep[]>> = {
  pending: ['pending', 'unsafe', 'safe', 'failed'],
  unsafe: ['pending', 'unsafe', 'safe', 'failed'],
  safe: ['safe'],
  failed: ['failed'],
};

export function createDeposits(db: DatabaseSync, write: Write): Deposits {
  const insert = db.prepare(
    `INSERT INTO deposits (nonce, channel_id, amount, valid_after, valid_before, salt, signature, saved_at)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (nonce) DO NOTHING`,
  );
  const update = db.prepare('UPDATE deposits SET state = ?, tx_hash = ?, block = ?, block_hash = ? WHERE nonce = ?');
  const readOne = db.prepare('SELECT * FROM deposits WHERE nonce = ?');
  readOne.setReadBigInts(true);
  const get = (nonce: Hex): StoredDeposit | undefined => {
    const row = readOne.get(hexText(nonce, 32));
    return row === undefined ? undefined : asDeposit(row);
  };

  return {
    save: (deposit, now) =>
      write(() => {
        const { nonce, channelId, amount, validAfter, validBefore, salt, signature } = deposit;
        insert.run(
          ...[hexText(nonce, 32), hexText(channelId, 32), amountBlob(amount), validAfter, validBefore],
          ...[hexText(salt, 32), hexText(signature, 65), now],
        );
        const kept = get(nonce);
        if (kept === undefined || !isSame(kept, deposit)) {
          throw new LedgerError('conflict', 'another deposit is kept under this nonce');
        }
        return kept;
      }),
    move: (nonce, state, { txHash, block, blockHash } = {}) =>
      write(() => {
        const kept = get(nonce);
        if (kept === undefined || !STEPS[kept.state].includes(state)) {
          throw new LedgerError('wrong-state', `a deposit that is ${kept?.state ?? 'not kept'} cannot become ${state}`);
        }
        const hash = txHash === undefined ? (kept.txHash ?? null) : hexText(txHash, 32);
        const place = [block ?? null, blockHash === undefined ? null : hexText(blockHash, 32)];
        update.run(state, hash, ...place, hexText(nonce, 32));
      }),
    list: (states) => listDeposits(db, states),
  };
}

export function listDeposits(db: DatabaseSync, states: readonly DepositStep[] = DEPOSIT_STEPS): StoredDeposit[] {
  const places = states.map(() => '?').join(', ');
  const read = db.prepare(`SELECT * FROM deposits WHERE state IN (${places}) ORDER BY saved_at, nonce`);
  read.setReadBigInts(true);
  return read.all(...states).map(asDeposit);
}

function asDeposit(row: Row): StoredDeposit {
  return {
    nonce: asHex(row['nonce']),
    channelId: asHex(row['channel_id']),
    amount: asAmount(row['amount']),
    validAfter: asInteger(row['valid_after']),
    validBefore: asInteger(row['valid_before']),
    salt: asHex(row['salt']),
    signature: asHex(row['signature']),
    state: asText(row['state']) as DepositStep,
    txHash: maybe(row['tx_hash'], asHex),
    block: maybe(row['block'], asInteger),
    blockHash: maybe(row['block_hash'], asHex),
    savedAt: asInteger(row['saved_at']),
  };
}

/** The signature may differ: each is as good as the other, and the first is kept. */
function isSame(kept: StoredDeposit, given: NewDeposit): boolean {
  const { channelId, amount, validAfter, validBefore, salt } = kept;
  return (
    channelId === given.channelId.toLowerCase() &&
    amount === given.amount &&
    validAfter === given.validAfter &&
    validBefore === given.validBefore &&
    salt === given.salt.toLowerCase()
  );
}

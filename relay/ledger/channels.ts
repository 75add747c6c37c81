// Channels that pay this relay: config, best voucher, what the chain said last, what was served. The best voucher only ever rises, and it is on the
// disk when `creditVoucher` resolves: credit it then and not before. Whether a voucher is right is for the rules of payment to say.

import type { DatabaseSync } from 'node:sqlite';
import type { Hex } from '../../src/core/wire/kinds.ts';
import type { WireChannelConfig } from '../../src/core/wire/session-parts.ts';
import type { Write } from './commit-queue.ts';
import { LedgerError } from './ledger-error.ts';
import { createMarks, listMarks } from './marks.ts';
import {
  amountBlob,
  asAmount,
  asConfig,
  asCount,
  asHex,
  asInteger,
  asText,
  asVoucher,
  CONFIG_COLUMNS,
  configValues,
  count,
  hexText,
  maybe,
  type Row,
  type StoredVoucher,
} from './values.ts';

/** `client`: a client pays this entry. `transit`: an entry pays this exit. */
export type ChannelKind = 'client' | 'transit';
export type ChannelState = 'open' | 'closing' | 'closed';

/** On the chain, as last seen; amounts in base units, `withdrawAt` in ms since the epoch. */
export type OnChain = {
  balance: bigint;
  claimed: bigint;
  pendingWithdrawal: bigint;
  withdrawAt?: number | undefined;
  seenBlock?: number | undefined;
};

/** What was served in all the life of the channel: bytes seen from the payer, and their price in base units. */
export type Served = { bytesUp: bigint; bytesDown: bigint; owed: bigint };

export type NewChannel = { id: Hex; kind: ChannelKind; chainId: number; config: WireChannelConfig };

export type StoredChannel = NewChannel &
  OnChain &
  Served & {
    /** Traffic is served up to here before it is written again; after a crash all of it counts as served. Base units. */
    reserved: bigint;
    state: ChannelState;
    openedAt: number;
    voucher: StoredVoucher | undefined;
    /** When the best voucher came, ms. */
    voucherAt: number | undefined;
  };

export type Channels = {
  /** Keeps a channel; the same one again changes nothing. `conflict` where another config is kept under its id. @param now ms */
  open(channel: NewChannel, now: number): Promise<void>;
  /** Resolves when the voucher is on the disk. `not-advancing`, `unknown-channel`; `wrong-state` when it is closed. @param now ms */
  creditVoucher(voucher: { id: Hex } & StoredVoucher, now: number): Promise<void>;
  /** Counters never fall: a late or repeated one changes nothing. */
  count(id: Hex, served: Served): Promise<void>;
  /** When it returns a kill cannot undo the mark: serve up to it then and not before. It never falls. Throws `LedgerError`. */
  reserve(id: Hex, reserved: bigint): void;
  saw(id: Hex, seen: OnChain): Promise<void>;
  setState(id: Hex, state: ChannelState): Promise<void>;
  get(id: Hex): StoredChannel | undefined;
  list(): StoredChannel[];
};

const INSERT = `INSERT INTO channels (id, kind, chain_id, opened_at, ${CONFIG_COLUMNS.join(', ')})
  VALUES (?, ?, ?, ?, ${CONFIG_COLUMNS.map(() => '?').join(', ')}) ON CONFLICT (id) DO NOTHING`;
/** Blobs of one length compare as the numbers that they are. */
const CREDIT = `UPDATE channels SET voucher_max = ?1, voucher_signature = ?2, voucher_at = ?3
  WHERE id = ?4 AND state <> 'closed' AND (voucher_max IS NULL OR voucher_max < ?1)`;
const COUNT = `UPDATE channels SET bytes_up = max(bytes_up, ?), bytes_down = max(bytes_down, ?), owed = max(owed, ?) WHERE id = ?`;
const SAW = `UPDATE channels SET balance = ?, claimed = ?, pending_withdrawal = ?, withdraw_at = ?, seen_block = ? WHERE id = ?`;

export function createChannels(db: DatabaseSync, write: Write): Channels {
  const insert = db.prepare(INSERT);
  const credit = db.prepare(CREDIT);
  const addUp = db.prepare(COUNT);
  const marks = createMarks(db);
  const see = db.prepare(SAW);
  const set = db.prepare('UPDATE channels SET state = ? WHERE id = ?');
  const readOne = db.prepare('SELECT * FROM channels WHERE id = ?');
  readOne.setReadBigInts(true);
  const get = (id: Hex): StoredChannel | undefined => {
    const row = readOne.get(hexText(id, 32));
    return row === undefined ? undefined : asChannel(row, marks.get(id));
  };

  /** A change of one row; none changed means that there is no such channel. */
  const change = (work: () => number | bigint): Promise<void> =>
    write(() => {
      if (Number(work()) === 0) throw unknownChannel();
    });

  return {
    open: ({ id, kind, chainId, config }, now) =>
      write(() => {
        if (insert.run(hexText(id, 32), kind, chainId, now, ...configValues(config)).changes === 1) return;
        const kept = get(id);
        const same =
          kept?.kind === kind &&
          kept.chainId === chainId &&
          configValues(kept.config).join() === configValues(config).join();
        if (!same) throw new LedgerError('conflict', 'another channel is kept under this id');
      }),
    creditVoucher: ({ id, max, signature }, now) =>
      write(() => {
        const key = hexText(id, 32);
        if (credit.run(amountBlob(max), hexText(signature, 65), now, key).changes === 1) return;
        const kept = get(id);
        if (kept === undefined) throw unknownChannel();
        if (kept.state === 'closed') throw new LedgerError('wrong-state', 'the channel is closed');
        throw new LedgerError('not-advancing', 'the voucher is not above the best one');
      }),
    count: (id, { bytesUp, bytesDown, owed }) =>
      change(() => addUp.run(count(bytesUp), count(bytesDown), amountBlob(owed), hexText(id, 32)).changes),
    reserve: (id, reserved) => marks.set(id, reserved),
    saw: (id, { balance, claimed, pendingWithdrawal, withdrawAt, seenBlock }) =>
      change(() => {
        const amounts = [balance, claimed, pendingWithdrawal].map(amountBlob);
        return see.run(...amounts, withdrawAt ?? null, seenBlock ?? null, hexText(id, 32)).changes;
      }),
    setState: (id, state) => change(() => set.run(state, hexText(id, 32)).changes),
    get,
    list: () => listChannels(db),
  };
}

/** Also for readers that do not write. */
export function listChannels(db: DatabaseSync): StoredChannel[] {
  const read = db.prepare('SELECT * FROM channels ORDER BY opened_at, id');
  read.setReadBigInts(true);
  const marks = listMarks(db);
  return read.all().map((row) => asChannel(row, marks.get(asHex(row['id'])) ?? 0n));
}

function asChannel(row: Row, reserved: bigint): StoredChannel {
  return {
    id: asHex(row['id']),
    kind: asText(row['kind']) as ChannelKind,
    chainId: asInteger(row['chain_id']),
    config: asConfig(row),
    state: asText(row['state']) as ChannelState,
    openedAt: asInteger(row['opened_at']),
    voucher: asVoucher(row),
    voucherAt: maybe(row['voucher_at'], asInteger),
    balance: asAmount(row['balance']),
    claimed: asAmount(row['claimed']),
    pendingWithdrawal: asAmount(row['pending_withdrawal']),
    withdrawAt: maybe(row['withdraw_at'], asInteger),
    seenBlock: maybe(row['seen_block'], asInteger),
    bytesUp: asCount(row['bytes_up']),
    bytesDown: asCount(row['bytes_down']),
    owed: asAmount(row['owed']),
    reserved,
  };
}

function unknownChannel(): LedgerError {
  return new LedgerError('unknown-channel', 'the ledger has no such channel');
}

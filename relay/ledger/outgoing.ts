// Channels that this relay pays: an entry its exits. A voucher is on the disk when `saveVoucher` resolves: send it then and not before, so that
// after a crash no exit knows a voucher that this relay does not (I4).

import type { DatabaseSync } from 'node:sqlite';
import type { PeerLabel } from '../../src/core/tunnel/circuit-name.ts';
import type { Hex } from '../../src/core/wire/kinds.ts';
import type { WireChannelConfig } from '../../src/core/wire/session-parts.ts';
import type { ChannelState } from './channels.ts';
import type { Write } from './commit-queue.ts';
import { LedgerError } from './ledger-error.ts';
import {
  amountBlob,
  asAmount,
  asConfig,
  asHex,
  asInteger,
  asText,
  asVoucher,
  CONFIG_COLUMNS,
  configValues,
  hexText,
  maybe,
  type Row,
  type StoredVoucher,
} from './values.ts';

export type NewOutgoing = { id: Hex; peer: PeerLabel; chainId: number; config: WireChannelConfig };

/** Amounts in base units: deposited, owed in all the life of the channel. */
export type StoredOutgoing = NewOutgoing & {
  state: ChannelState;
  openedAt: number;
  balance: bigint;
  owed: bigint;
  voucher: StoredVoucher | undefined;
  /** When it was signed, ms since the epoch. */
  voucherAt: number | undefined;
  /** What relay/transit keeps of it beside these, as text; it may hold a deposit's signature, and is never printed. */
  standing: string | undefined;
};

export type Outgoing = {
  /** The same channel again changes nothing; `conflict` where another is kept under its id. @param now ms */
  open(channel: NewOutgoing, now: number): Promise<void>;
  /** Resolves when it is on the disk. `not-advancing` unless it is above what was signed before. @param now ms */
  saveVoucher(voucher: { id: Hex } & StoredVoucher, now: number): Promise<void>;
  /** `owed` never falls; `standing` stays where it is left out. */
  update(
    id: Hex,
    change: { state: ChannelState; balance: bigint; owed: bigint; standing?: string | undefined },
  ): Promise<void>;
  list(): StoredOutgoing[];
};

export function createOutgoing(db: DatabaseSync, write: Write): Outgoing {
  const insert = db.prepare(
    `INSERT INTO outgoing (id, peer, chain_id, opened_at, ${CONFIG_COLUMNS.join(', ')})
     VALUES (?, ?, ?, ?, ${CONFIG_COLUMNS.map(() => '?').join(', ')}) ON CONFLICT (id) DO NOTHING`,
  );
  const save = db.prepare(
    `UPDATE outgoing SET voucher_max = ?1, voucher_signature = ?2, voucher_at = ?3
     WHERE id = ?4 AND state <> 'closed' AND (voucher_max IS NULL OR voucher_max < ?1)`,
  );
  const update = db.prepare(
    'UPDATE outgoing SET state = ?, balance = ?, owed = max(owed, ?), standing = coalesce(?, standing) WHERE id = ?',
  );
  const get = (id: Hex): StoredOutgoing | undefined => listOutgoing(db).find((kept) => kept.id === id.toLowerCase());

  return {
    open: ({ id, peer, chainId, config }, now) =>
      write(() => {
        if (insert.run(hexText(id, 32), peer, chainId, now, ...configValues(config)).changes === 1) return;
        const kept = get(id);
        const same = kept?.peer === peer && configValues(kept.config).join() === configValues(config).join();
        if (!same) throw new LedgerError('conflict', 'another channel is kept under this id');
      }),
    saveVoucher: ({ id, max, signature }, now) =>
      write(() => {
        if (save.run(amountBlob(max), hexText(signature, 65), now, hexText(id, 32)).changes === 1) return;
        const kept = get(id);
        if (kept === undefined) throw new LedgerError('unknown-channel', 'the ledger has no such channel');
        if (kept.state === 'closed') throw new LedgerError('wrong-state', 'the channel is closed');
        throw new LedgerError('not-advancing', 'the voucher is not above the best one');
      }),
    update: (id, { state, balance, owed, standing }) =>
      write(() => {
        const amounts = [amountBlob(balance), amountBlob(owed)];
        if (update.run(state, ...amounts, standing ?? null, hexText(id, 32)).changes === 1) return;
        throw new LedgerError('unknown-channel', 'the ledger has no such channel');
      }),
    list: () => listOutgoing(db),
  };
}

export function listOutgoing(db: DatabaseSync): StoredOutgoing[] {
  const read = db.prepare('SELECT * FROM outgoing ORDER BY opened_at, id');
  read.setReadBigInts(true);
  return read.all().map((row: Row): StoredOutgoing => ({
    id: asHex(row['id']),
    peer: asText(row['peer']),
    chainId: asInteger(row['chain_id']),
    config: asConfig(row),
    state: asText(row['state']) as ChannelState,
    openedAt: asInteger(row['opened_at']),
    balance: asAmount(row['balance']),
    owed: asAmount(row['owed']),
    voucher: asVoucher(row),
    voucherAt: maybe(row['voucher_at'], asInteger),
    standing: maybe(row['standing'], asText),
  }));
}

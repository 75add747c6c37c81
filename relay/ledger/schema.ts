// The tables of the ledger, as steps from one version to the next (`user_version`). A step is never changed once it was released: another
// is added. Amounts are 16 bytes, big end first, so that SQLite orders them as numbers. No table has a place for a client's address; the
// free quota of an entry has hashes of source prefixes under a key of the day (docs/decisions/0021-the-ledger-of-a-relay.md).

import type { DatabaseSync } from 'node:sqlite';

/** "CNLG": tells a ledger from any other SQLite file. */
export const APPLICATION_ID = 0x43_4e_4c_47;

const HASH = "TEXT NOT NULL CHECK (length(%) = 66 AND % GLOB '0x*')";
const ADDRESS = "TEXT NOT NULL CHECK (length(%) = 42 AND % GLOB '0x*')";
const SIGNATURE = 'CHECK (length(%) = 132)';
const AMOUNT = 'BLOB NOT NULL DEFAULT (zeroblob(16)) CHECK (length(%) = 16)';

const column = (name: string, type: string): string => `${name} ${type.replaceAll('%', name)}`;

/** The whole `ChannelConfig`: a claim needs every field, and the chain keeps none. */
const CONFIG = [
  ...['payer', 'payer_authorizer', 'receiver', 'receiver_authorizer', 'token'].map((name) => column(name, ADDRESS)),
  'withdraw_delay INTEGER NOT NULL CHECK (withdraw_delay >= 0)', // seconds
  column('salt', HASH),
].join(', ');

const VOUCHER = [
  'voucher_max BLOB CHECK (voucher_max IS NULL OR length(voucher_max) = 16)',
  `voucher_signature TEXT ${SIGNATURE.replaceAll('%', 'voucher_signature')}`,
  'voucher_at INTEGER', // ms since the epoch
  // All of a voucher, or nothing of it.
  'CHECK ((voucher_max IS NULL) = (voucher_signature IS NULL) AND (voucher_max IS NULL) = (voucher_at IS NULL))',
].join(', ');

const VERSION_1 = `
  -- Channels that pay this relay: of clients at an entry, of entries at an exit.
  CREATE TABLE channels (
    ${column('id', HASH)} PRIMARY KEY,
    kind TEXT NOT NULL CHECK (kind IN ('client', 'transit')),
    chain_id INTEGER NOT NULL,
    state TEXT NOT NULL DEFAULT 'open' CHECK (state IN ('open', 'closing', 'closed')),
    opened_at INTEGER NOT NULL,
    -- On the chain, as last seen.
    ${column('balance', AMOUNT)}, ${column('claimed', AMOUNT)}, ${column('pending_withdrawal', AMOUNT)},
    withdraw_at INTEGER, seen_block INTEGER,
    -- What was served, and up to where it may be before that is written again.
    bytes_up INTEGER NOT NULL DEFAULT 0, bytes_down INTEGER NOT NULL DEFAULT 0, ${column('owed', AMOUNT)},
    ${column('reserved', AMOUNT)},
    ${CONFIG}, ${VOUCHER}
  ) STRICT, WITHOUT ROWID;

  -- Authorizations of deposits, kept before they are sent, so that they can be sent again.
  CREATE TABLE deposits (
    ${column('nonce', HASH)} PRIMARY KEY,
    channel_id TEXT NOT NULL REFERENCES channels (id),
    ${column('amount', AMOUNT)},
    valid_after INTEGER NOT NULL, valid_before INTEGER NOT NULL,
    ${column('salt', HASH)},
    signature TEXT NOT NULL ${SIGNATURE.replaceAll('%', 'signature')},
    state TEXT NOT NULL DEFAULT 'pending' CHECK (state IN ('pending', 'unsafe', 'safe', 'failed')),
    tx_hash TEXT, block INTEGER, block_hash TEXT,
    saved_at INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID;

  -- Transactions of the relay's own account: their nonce is kept before they are sent.
  CREATE TABLE transactions (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    chain_id INTEGER NOT NULL, ${column('account', ADDRESS)}, nonce INTEGER NOT NULL CHECK (nonce >= 0),
    kind TEXT NOT NULL CHECK (kind IN ('deposit', 'claim', 'settle', 'refund', 'withdraw')),
    state TEXT NOT NULL DEFAULT 'prepared' CHECK (state IN ('prepared', 'sent', 'mined', 'reverted', 'dropped')),
    block INTEGER, prepared_at INTEGER NOT NULL
  ) STRICT;
  CREATE UNIQUE INDEX transactions_nonce ON transactions (chain_id, account, nonce) WHERE state <> 'dropped';
  -- One for each time it was sent: a higher gas price is another hash.
  CREATE TABLE transaction_hashes (
    transaction_id INTEGER NOT NULL REFERENCES transactions (id), ${column('hash', HASH)}, sent_at INTEGER NOT NULL,
    PRIMARY KEY (transaction_id, hash)
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE transaction_channels (
    transaction_id INTEGER NOT NULL REFERENCES transactions (id),
    channel_id TEXT NOT NULL, ${column('max', AMOUNT)},
    PRIMARY KEY (transaction_id, channel_id)
  ) STRICT, WITHOUT ROWID;

  -- Channels that this relay pays (an entry its exits). A voucher is kept before it is sent.
  CREATE TABLE outgoing (
    ${column('id', HASH)} PRIMARY KEY,
    peer TEXT NOT NULL,
    chain_id INTEGER NOT NULL,
    state TEXT NOT NULL DEFAULT 'open' CHECK (state IN ('open', 'closing', 'closed')),
    opened_at INTEGER NOT NULL,
    ${column('balance', AMOUNT)}, ${column('owed', AMOUNT)},
    ${CONFIG}, ${VOUCHER}
  ) STRICT, WITHOUT ROWID;

  -- Free quota of an entry: the key of the day, and bytes under the hash of a source prefix.
  CREATE TABLE quota_days (day INTEGER PRIMARY KEY, hash_key BLOB NOT NULL CHECK (length(hash_key) = 32)) STRICT;
  CREATE TABLE quota (
    day INTEGER NOT NULL REFERENCES quota_days (day) ON DELETE CASCADE,
    prefix BLOB NOT NULL CHECK (length(prefix) = 32),
    bytes INTEGER NOT NULL CHECK (bytes >= 0),
    PRIMARY KEY (day, prefix)
  ) STRICT, WITHOUT ROWID;
`;

/** What the payer's engine knows of a channel beside config and voucher (src/core/session/payer-channel.ts): JSON, amounts as decimal text. */
const VERSION_2 = 'ALTER TABLE outgoing ADD COLUMN standing TEXT;';

/** Marks have a file of their own (marks.ts). What was reserved counts as served, as at each start. */
const VERSION_3 = 'UPDATE channels SET owed = max(owed, reserved); ALTER TABLE channels DROP COLUMN reserved;';

/**
 * Two more kinds, of the registry. SQLite changes no CHECK of a table that stands (https://sqlite.org/lang_altertable.html#otheralter), so it is made anew with those that
 * point to it, which go first: a row that is pointed to cannot.
 */
const VERSION_4 = `
  CREATE TABLE transactions_4 (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    chain_id INTEGER NOT NULL, ${column('account', ADDRESS)}, nonce INTEGER NOT NULL CHECK (nonce >= 0),
    kind TEXT NOT NULL CHECK (kind IN ('deposit', 'claim', 'settle', 'refund', 'withdraw', 'approve', 'registry')),
    state TEXT NOT NULL DEFAULT 'prepared' CHECK (state IN ('prepared', 'sent', 'mined', 'reverted', 'dropped')),
    block INTEGER, prepared_at INTEGER NOT NULL
  ) STRICT;
  CREATE TABLE transaction_hashes_4 (
    transaction_id INTEGER NOT NULL REFERENCES transactions_4 (id), ${column('hash', HASH)}, sent_at INTEGER NOT NULL,
    PRIMARY KEY (transaction_id, hash)
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE transaction_channels_4 (
    transaction_id INTEGER NOT NULL REFERENCES transactions_4 (id),
    channel_id TEXT NOT NULL, ${column('max', AMOUNT)},
    PRIMARY KEY (transaction_id, channel_id)
  ) STRICT, WITHOUT ROWID;
  INSERT INTO transactions_4 SELECT id, chain_id, account, nonce, kind, state, block, prepared_at FROM transactions;
  INSERT INTO transaction_hashes_4 SELECT transaction_id, hash, sent_at FROM transaction_hashes;
  INSERT INTO transaction_channels_4 SELECT transaction_id, channel_id, max FROM transaction_channels;
  DROP TABLE transaction_hashes;
  DROP TABLE transaction_channels;
  DROP TABLE transactions;
  ALTER TABLE transactions_4 RENAME TO transactions;
  ALTER TABLE transaction_hashes_4 RENAME TO transaction_hashes;
  ALTER TABLE transaction_channels_4 RENAME TO transaction_channels;
  CREATE UNIQUE INDEX transactions_nonce ON transactions (chain_id, account, nonce) WHERE state <> 'dropped';
`;

/** The step at index n leads from version n to n+1. */
export const MIGRATIONS: readonly string[] = [VERSION_1, VERSION_2, VERSION_3, VERSION_4];

/** Brings the tables to the last version, all steps or none. The version must not be above it. */
export function migrate(db: DatabaseSync, steps: readonly string[] = MIGRATIONS): void {
  const version = readVersion(db);
  if (version === steps.length) return;
  db.exec('BEGIN IMMEDIATE');
  try {
    for (const step of steps.slice(version)) db.exec(step);
    // Pragmas take no parameters; both are numbers of our own.
    db.exec(`PRAGMA application_id = ${APPLICATION_ID}; PRAGMA user_version = ${steps.length}; COMMIT`);
  } catch (error) {
    if (db.isTransaction) db.exec('ROLLBACK');
    throw error;
  }
}

export function readVersion(db: DatabaseSync): number {
  return Number(db.prepare('PRAGMA user_version').get()?.['user_version']);
}

// What the relays' own ledgers say of money. Read beside the running relays, as `conet-relay ledger` does.

import { dirname, join } from 'node:path';
import { openForReading } from '../relay/ledger/ledger-file.ts';
import { readSummary, type LedgerSummary } from '../relay/ledger/summary.ts';
import type { Relay } from './relays.ts';

/** A relay of a devnet with payments has its ledger where it is when the configuration says nothing. */
const LEDGER = 'data/ledger.db';

export type RelayLedger = LedgerSummary & { relay: Relay };

/** Those of one role, one for each relay. */
export function readLedgers(relays: readonly Relay[], role: Relay['role']): RelayLedger[] {
  return relays
    .filter((relay) => relay.role === role)
    .map((relay) => {
      const db = openForReading(join(dirname(relay.config), LEDGER));
      try {
        return { ...readSummary(db), relay };
      } finally {
        db.close();
      }
    });
}

/** Channels by which an account pays entries. */
export function channelsOf(relays: readonly Relay[], payer: string): LedgerSummary['channels'] {
  return readLedgers(relays, 'entry').flatMap(({ channels }) =>
    channels.filter(({ config }) => config.payer === payer.toLowerCase()),
  );
}

/** What entries have signed to exits, base units. */
export function paidToExits(relays: readonly Relay[]): bigint {
  return readLedgers(relays, 'exit')
    .flatMap(({ channels }) => channels)
    .reduce((sum, { voucher }) => sum + (voucher?.max ?? 0n), 0n);
}

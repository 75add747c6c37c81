// Puts the status of a running relay together, when somebody asks. Used by relay/relay.ts.

import { ConfigError } from '../config/load.ts';
import { parseHostPort } from '../config/parts.ts';
import type { RelayConfig } from '../config/schema.ts';
import type { Entry } from '../entry/entry.ts';
import type { Exit } from '../exit/exit.ts';
import type { Identity } from '../identity.ts';
import { openForReading } from '../ledger/ledger-file.ts';
import { readSummary } from '../ledger/summary.ts';
import { waysIn } from '../registry/ways-in.ts';
import { VERSION } from '../version.ts';
import type { Status } from './status.ts';

export type StatusParts = {
  config: Pick<RelayConfig, 'entry' | 'public'>;
  identity: Identity;
  /** When it started, ms since the epoch. */
  since: number;
  entry: Entry | undefined;
  exit: Exit | undefined;
  /** Path of its file. */
  ledger: string | undefined;
  /** Places of the configuration that wait for a start. */
  waiting?: readonly string[];
};

export function readStatus({ config, identity, since, entry, exit, ledger, waiting = [] }: StatusParts): Status {
  return {
    ...{ version: VERSION, peer: identity.label, since },
    ...(waiting.length > 0 && { waiting: [...waiting] }),
    ...(entry && { entry: entry.status() }),
    ...(exit && { exit: exit.status() }),
    ...(entry && { addresses: addressesOf(config, identity, entry) }),
    ...(ledger !== undefined && readEarnings(ledger)),
  };
}

/** None where the configuration does not say how others come: they are told by other means. */
export function addressesOf(config: StatusParts['config'], identity: Identity, { tunnels }: Entry): string[] {
  try {
    return waysIn(config, identity, parseHostPort(tunnels[0] ?? ''));
  } catch (error) {
    if (error instanceof ConfigError) return [];
    throw error;
  }
}

/** By a reader of its own: what the writing thread is about holds nobody up. */
function readEarnings(path: string): Pick<Status, 'earnings' | 'channels'> {
  const db = openForReading(path);
  try {
    const { totals, channels } = readSummary(db);
    const inState = (wanted: string): number => channels.filter(({ state }) => state === wanted).length;
    return {
      earnings: totals.map(({ chainId, token, signed, claimed, claimable, unsigned, paid }) => ({
        ...{ chainId, token, signed: String(signed), claimed: String(claimed), claimable: String(claimable) },
        ...{ unsigned: String(unsigned), paid: String(paid) },
      })),
      channels: { open: inState('open'), closing: inState('closing') },
    };
  } finally {
    db.close();
  }
}

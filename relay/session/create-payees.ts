// The payees of a relay, by its configuration: one for its clients where it is an entry, one for its entries where it is an exit. Called by relay/relay.ts where
// there is a `payments` section.

import type { Logger } from 'pino';
import type { PeerLabel } from '../../src/core/tunnel/circuit-name.ts';
import type { PayeeChain } from '../chain/payee-chain.ts';
import type { PaymentsConfig } from '../config/payments.ts';
import type { Leases } from '../entry/leases.ts';
import type { Identity } from '../identity.ts';
import type { Ledger } from '../ledger/ledger.ts';
import type { RelayNode } from '../net/node.ts';
import type { TunnelMeter } from '../net/tunnel-meter.ts';
import { handleSessions } from './handler.ts';
import { STALL_LIMIT_MS } from './limits.ts';
import { systemClock, type PayeeInit } from './parts.ts';
import { Payee } from './payee.ts';

export type PayeesInit = {
  config: Pick<PaymentsConfig, 'prices' | 'minDeposit' | 'freeMiBPerDay' | 'incrementMiB'>;
  identity: Identity;
  node: RelayNode;
  ledger: Ledger;
  chain: PayeeChain;
  log: Logger;
};

export type Payees = {
  /** Takes the payments of entries. Returns whom the tunnels of an entry are charged to; undefined before it has opened a session. */
  takeTransit(): Promise<(entry: PeerLabel) => TunnelMeter | undefined>;
  /** Takes the payments of clients. */
  takeSessions(leases: Leases): Promise<void>;
  /** Opens no new session; those that are open go on. */
  drain(): void;
};

const BYTES_PER_MIB = 1_048_576n;

export function createPayees({ config, identity, node, ledger, chain, log }: PayeesInit): Payees {
  const payees: Payee[] = [];
  const take = async (
    part: Pick<PayeeInit, 'role' | 'leases' | 'freeBytesPerDay' | 'bytesPerSecond'>,
  ): Promise<Payee> => {
    const payee = new Payee({
      ...part,
      peerId: identity.peerId.toString(),
      sign: async (bytes) => identity.privateKey.sign(bytes),
      prices: config.prices,
      minDeposit: config.minDeposit,
      clock: systemClock,
      stallLimitMs: STALL_LIMIT_MS,
      ...{ ledger, chain },
    });
    payees.push(payee);
    await handleSessions(node, payee, log);
    return payee;
  };
  const bytesPerSecond = BigInt(config.incrementMiB) * BYTES_PER_MIB;
  return {
    takeTransit: async () => {
      const payee = await take({ role: 'transit', leases: undefined, freeBytesPerDay: 0n, bytesPerSecond });
      return (entry) => payee.meterOf(entry);
    },
    takeSessions: async (leases) => {
      const freeBytesPerDay = BigInt(config.freeMiBPerDay) * BYTES_PER_MIB;
      await take({ role: 'session', leases, freeBytesPerDay, bytesPerSecond });
    },
    drain: () => {
      for (const payee of payees) payee.draining = true;
    },
  };
}

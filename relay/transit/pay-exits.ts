// Joins what an entry needs to pay its exits and to get its money back. Part of the composition of relay/relay.ts.

import type { Logger } from 'pino';
import type { BeatTimes } from '../chain/beat.ts';
import type { PayeeChain } from '../chain/payee-chain.ts';
import type { PayerChain } from '../chain/payer-chain.ts';
import type { PaymentsConfig } from '../config/payments.ts';
import type { Identity } from '../identity.ts';
import type { Ledger } from '../ledger/ledger.ts';
import { TransitBook } from './book.ts';
import { createKeeper, type Keeper } from './keeper.ts';
import type { TransitKeys } from './keys.ts';
import { isAsked, readLeaveRequest } from './leave-request.ts';
import { leaveRules } from './leave.ts';
import { createTransit, type Transit } from './transit.ts';

/** Withdrawals take a day, and channels are idle for a week. */
const TIMES: BeatTimes = { busyMs: 10_000, idleMs: 60_000 };
/** Of the devnet: people wait for what it shows. */
const DEVNET_TIMES: BeatTimes = { busyMs: 250, idleMs: 1000 };

export type PayExitsInit = {
  payments: PaymentsConfig;
  /** The ledger's file. */
  ledgerPath: string;
  ledger: Pick<Ledger, 'outgoing'>;
  chain: PayeeChain & { payer: PayerChain };
  keys: TransitKeys;
  identity: Identity;
  log: Logger;
};

/** Throws `LedgerError` damaged. */
export function payExits(init: PayExitsInit): { transit: Transit; keeper: Keeper } {
  const { payments, ledgerPath, ledger, chain, keys, identity, log } = init;
  const { prices, transitDeposit, transitMost, transitIdleHours } = payments;
  const { chainId, name } = chain.network;
  const now = (): number => Date.now();
  const sign: TransitKeys['signVoucher'] = (id, sum) => keys.signVoucher(id, sum);
  const book = new TransitBook({ outgoing: ledger.outgoing, chainId, sign, now });
  const transit = createTransit({
    ownPeer: identity.peerId.toString(),
    keys,
    book,
    // No exit is paid more than clients pay for it.
    limits: { pricePerMiB: prices.exitPerMiB, deposit: transitDeposit, most: transitMost },
    mayPay: async (exit) => !isAsked(await readLeaveRequest(ledgerPath), exit),
    balance: () => chain.balance(),
    ...{ now, log },
  });
  const isDevnet = name === 'devnet';
  const keeper = createKeeper({
    ...{ book, transit, now, log },
    chain: chain.payer,
    rules: leaveRules(transitIdleHours, isDevnet),
    request: () => readLeaveRequest(ledgerPath),
    times: isDevnet ? DEVNET_TIMES : TIMES,
  });
  return { transit, keeper };
}

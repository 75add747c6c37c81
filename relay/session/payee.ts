// What all streams of one role share: the quote, the accounts, the rates. Built once by relay/relay.ts for each role.

import type { PeerLabel } from '../../src/core/tunnel/circuit-name.ts';
import type { TunnelMeter } from '../net/tunnel-meter.ts';
import { Accounts } from './accounts.ts';
import type { ChannelRates } from './channel-account.ts';
import type { PayeeInit } from './parts.ts';
import { Quotes, ratesOf, termsOf } from './quotes.ts';
import { Rates } from './rates.ts';
import { VoucherCheck } from './voucher-check.ts';

export class Payee {
  readonly init: PayeeInit;
  readonly terms: ReturnType<typeof termsOf>;
  readonly rates: ChannelRates;
  readonly quotes: Quotes;
  readonly accounts: Accounts;
  readonly often: Rates;
  readonly vouchers: VoucherCheck;
  /** Takes no new session. */
  draining = false;

  constructor(init: PayeeInit) {
    this.init = init;
    this.terms = termsOf(init);
    this.rates = ratesOf(this.terms);
    this.quotes = new Quotes(init);
    this.accounts = new Accounts(init, this.rates);
    this.often = new Rates(() => init.clock.now());
    this.vouchers = new VoucherCheck(init.chain.network);
  }

  /** Whom the tunnels of an entry are charged to, at an exit. Undefined before it has opened a session: they are refused. */
  meterOf(entry: PeerLabel): TunnelMeter | undefined {
    return this.accounts.ofLink(entry);
  }
}

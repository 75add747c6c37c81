// Whose bytes are counted where: one account for each channel, one for each peer on the free quota, for as long as the relay runs. Follows the chain: what it says of a channel
// changes what may be served at once. A channel has had a deposit, so nobody can make many of them for nothing.

import type { PeerLabel } from '../../src/core/tunnel/circuit-name.ts';
import type { Hex } from '../../src/core/payment/hex.ts';
import { isChainError, type ChainCode } from '../../src/chain/rail/chain-error.ts';
import type { StoredChannel } from '../ledger/channels.ts';
import type { StoredDeposit } from '../ledger/deposits.ts';
import { quotaPrefix } from '../ledger/free-quota.ts';
import { ChannelAccount, type ChannelRates } from './channel-account.ts';
import { FreeAccount } from './free-account.ts';
import { fundsOf } from './funds.ts';
import { MAX_REMEMBERED } from './limits.ts';
import type { PayeeInit, Payer } from './parts.ts';
import { Recent } from './recent.ts';

export class Accounts {
  readonly #init: PayeeInit;
  readonly #rates: ChannelRates;
  /** By peer and source prefix. */
  readonly #free = new Recent<string, FreeAccount>(MAX_REMEMBERED);
  readonly #channels = new Map<Hex, ChannelAccount>();
  /** At an exit: it dials its entries itself, so these are few. */
  readonly #links = new Map<PeerLabel, ChannelAccount>();

  constructor(init: PayeeInit, rates: ChannelRates) {
    this.#init = init;
    this.#rates = rates;
    // What was said last holds where the ledger cannot be read; nothing new is credited then anyway.
    init.chain.onChannel((id) => void this.#follow(id).catch(() => undefined));
    init.chain.onDeposit((id) => {
      const tell = (): void => this.#channels.get(id)?.tellChanged();
      void this.#follow(id).then(tell, () => undefined);
    });
  }

  /**
   * Of one peer: neighbours share the quota, which the ledger counts, and not the account. One that is forgotten goes on counting for the tunnels that
   * hold it. Undefined where nothing is free.
   */
  free({ peer, address }: Payer): FreeAccount | undefined {
    const { ledger, freeBytesPerDay: bytesPerDay, clock, stallLimitMs } = this.#init;
    const quota = ledger.freeQuota;
    if (quota === undefined || bytesPerDay === 0n) return undefined;
    const { incrementBytes } = this.#rates;
    const make = () => new FreeAccount({ quota, address, bytesPerDay, incrementBytes, clock, stallLimitMs });
    return this.#free.of(`${peer} ${quotaPrefix(address)}`, make);
  }

  /**
   * The account of a channel that the ledger has, with what the chain says of it now. Throws `ChainError` where the chain has never been
   * heard about it and does not answer.
   */
  async channel(id: Hex): Promise<ChannelAccount | undefined> {
    const stored = this.#init.ledger.channels.get(id);
    if (stored === undefined) return undefined;
    const seen = await this.#see(stored);
    const known = this.#channels.get(id);
    const funds = fundsOf(seen, this.deposits(id));
    if (known !== undefined) {
      known.setFunds(funds);
      return known;
    }
    const { ledger, clock, stallLimitMs } = this.#init;
    const account = new ChannelAccount({
      // Read again: the answer of the chain took its time.
      stored: ledger.channels.get(id) ?? stored,
      funds,
      rates: this.#rates,
      channels: ledger.channels,
      clock,
      stallLimitMs,
    });
    this.#channels.set(id, account);
    return account;
  }

  /** From now on the tunnels of that entry are charged to it. */
  link(entry: PeerLabel, account: ChannelAccount): void {
    this.#links.set(entry, account);
  }

  /** Undefined where it has opened none. */
  ofLink(entry: PeerLabel): ChannelAccount | undefined {
    return this.#links.get(entry);
  }

  /** Oldest first. */
  deposits(id: Hex): StoredDeposit[] {
    return this.#init.ledger.deposits.list().filter(({ channelId }) => channelId === id);
  }

  async #follow(id: Hex): Promise<void> {
    const account = this.#channels.get(id);
    const stored = this.#init.ledger.channels.get(id);
    if (account === undefined || stored === undefined) return;
    // Where the chain does not answer the ledger has what it said last: whoever tells us has written it down.
    const seen = await this.#see(stored).catch(() => stored);
    account.setFunds(fundsOf(seen, this.deposits(id)));
  }

  /** Asks the chain, which keeps its answer in the ledger; what it said before where it does not answer. */
  async #see(stored: StoredChannel): Promise<Pick<StoredChannel, 'balance' | 'claimed' | 'pendingWithdrawal'>> {
    try {
      const { balance, totalClaimed, pendingWithdrawal } = await this.#init.chain.read(stored.id);
      return { balance, claimed: totalClaimed, pendingWithdrawal };
    } catch (error) {
      const silent: readonly ChainCode[] = ['unreachable', 'too_slow', 'bad_answer', 'call_failed', 'rpcs_disagree'];
      if (stored.balance === 0n || !silent.some((code) => isChainError(error, code))) throw error;
      return stored;
    }
  }
}

// What a kill has cost, by what lies on the disks, what the chain says and what the browser really had. Looks from outside, and changes nothing.

import { readChannel, readTokenBalance } from '../../../src/chain/rail/reads.ts';
import { NETWORKS } from '../../../src/chain/rail/networks.ts';
import { createRpc } from '../../../src/chain/rpc.ts';
import { least, lessOrNone, most } from '../../../src/core/payment/amount.ts';
import type { Hex } from '../../../src/core/payment/hex.ts';
import { owedFor } from '../../../src/core/payment/price.ts';
import type { ChannelSummary } from '../../../relay/ledger/summary.ts';
import { CLIENT, LINK, type Victim, type World } from './world.ts';

export type Figures = {
  /** Worst of all kills and channels, in increments of the client's channel, and of the link's. */
  payer: number;
  payerOfOneKill: number;
  relay: number;
  entryAsPayer: number;
  exit: number;
  /** What a payer had signed beyond what was carried: what a relay that cheats could take. */
  ahead: number;
};

export const NO_FIGURES: Figures = { payer: 0, payerOfOneKill: 0, relay: 0, entryAsPayer: 0, exit: 0, ahead: 0 };

/** A rule that must hold whatever was killed did not. */
export class BrokenRule extends Error {
  override readonly name = 'BrokenRule';
}

type Side = { of: Hex; served: bigint; counted: bigint; signed: bigint; voucher: bigint };

export class Losses {
  readonly figures: Figures = { ...NO_FIGURES };
  readonly #world: World;
  /** What a relay counts as served since its last death, though it was not: by channel. */
  readonly #floor = new Map<Hex, bigint>();
  readonly #over = new Map<Hex, bigint>();

  constructor(world: World) {
    this.#world = world;
  }

  /** While the victim is dead: what it has left behind. */
  afterDeath(victim: Victim): void {
    this.#knownVouchers();
    if (victim !== 'entry' && victim !== 'exit') return;
    for (const channel of this.#world.ledger(victim).channels) {
      // All that was reserved counts as served from now on.
      this.#floor.set(channel.id, most(this.#counted(channel), channel.reserved));
    }
    if (victim === 'entry') {
      for (const { id, voucher } of this.#world.ledger('entry').channels) {
        const shown = this.#world.shown.get(id) ?? 0n;
        const kept = voucher?.max ?? 0n;
        if (shown > kept) fail(`the entry has said to have a voucher of ${shown}, and kept ${kept}`);
      }
    }
  }

  /** When all is at rest again. */
  async atRest(): Promise<void> {
    this.#knownVouchers();
    const { figures } = this;
    const inIncrements = (amount: bigint, { increment }: { increment: bigint }): number =>
      Number(amount) / Number(increment);
    for (const side of this.#clients()) {
      const { of, served, counted, signed, voucher } = side;
      const over = lessOrNone(counted, served);
      const more = lessOrNone(over, this.#over.get(of) ?? 0n);
      this.#over.set(of, over);
      const lost = lessOrNone(served, voucher);
      figures.payer = Math.max(figures.payer, inIncrements(over, CLIENT));
      figures.payerOfOneKill = Math.max(figures.payerOfOneKill, inIncrements(more, CLIENT));
      figures.relay = Math.max(figures.relay, inIncrements(lost, CLIENT));
      figures.ahead = Math.max(figures.ahead, inIncrements(lessOrNone(signed, served), CLIENT));
      if (more > CLIENT.increment) fail(`the payer lost ${show(side)} at one kill`);
      if (lost > CLIENT.increment) fail(`the entry lost ${show(side)}`);
      if (signed > most(counted, served) + CLIENT.increment) fail(`signed more than an increment ahead: ${show(side)}`);
    }
    const link = this.#link();
    figures.entryAsPayer = Math.max(figures.entryAsPayer, inIncrements(lessOrNone(link.counted, link.served), LINK));
    figures.exit = Math.max(figures.exit, inIncrements(lessOrNone(link.served, link.voucher), LINK));
    if (link.served > link.voucher + LINK.increment) fail(`the exit lost ${show(link)}`);
    await this.#onChain();
  }

  /** Channels that were closed hold nothing but what the entry has earned and may claim later: the rest is the payer's again. Undefined where it is so. */
  async keptBack(): Promise<string | undefined> {
    const reader = createRpc({ url: this.#world.node.chain().url, fetch }).at('latest');
    const { channels } = this.#world.ledger('entry');
    for (const { id, state } of this.#world.book().channels) {
      const kept = channels.find((channel) => channel.id === id);
      if (state !== 'closed' || kept === undefined) continue;
      const { balance, totalClaimed } = await reader.read(readChannel(NETWORKS.devnet, id));
      const earned = least(kept.voucher?.max ?? 0n, this.#counted(kept));
      const bound = most(totalClaimed, earned);
      if (balance > bound) {
        const { owed, claimed, reserved, state: there } = kept;
        const facts = { balance, totalClaimed, earned, owed, claimed, reserved, seen: kept.balance };
        const amounts = Object.entries(facts).map(([name, amount]) => `${name} ${amount}`);
        const sent = this.#world.refunds(id).map(({ state, channels }) => `${state} ${channels[0]?.max}`);
        return `${id} is closed and holds ${balance - bound} of its payer's: ${amounts.join(', ')}, ${there} at the entry, refunds ${sent.join(', ')}`;
      }
    }
    return undefined;
  }

  /** Paying has ended between the relays: only by an increment that was let pass before, never sooner. */
  linkUsedUp(): void {
    const [channel] = this.#world.ledger('entry').outgoing;
    const { drift } = JSON.parse(channel?.standing ?? '{"drift":"0"}') as { drift: string };
    if (BigInt(drift) < LINK.increment) fail(`the entry stopped paying its exit, and only ${drift} was let pass`);
  }

  /** No relay has a voucher that its payer does not know of. */
  #knownVouchers(): void {
    if (this.#world.early !== undefined) fail(this.#world.early);
    // In this order: what comes meanwhile makes the payer's side higher.
    const exit = this.#world.ledger('exit').channels;
    const entry = this.#world.ledger('entry');
    const book = this.#world.book();
    const known = new Map<Hex, bigint>(book.channels.map(({ id, paid }) => [id, paid.signed]));
    for (const { id, voucher } of entry.outgoing) known.set(id, voucher?.max ?? 0n);
    for (const { id, voucher } of [...entry.channels, ...exit]) {
      const signed = known.get(id);
      if (voucher === undefined) continue;
      if (signed === undefined || voucher.max > signed) {
        fail(`a voucher of ${voucher.max} of ${id} is known to the payee; its payer knows of ${signed ?? 'none'}`);
      }
    }
  }

  #clients(): Side[] {
    const { browser } = this.#world;
    const book = this.#world.book();
    return this.#world.ledger('entry').channels.map((channel) => {
      const kept = book.channels.find(({ id }) => id === channel.id);
      return {
        of: channel.id,
        served: owedFor(BigInt(browser.carried.get(channel.id) ?? 0), CLIENT.price),
        counted: most(this.#counted(channel), kept?.paid.owed ?? 0n),
        signed: kept?.paid.signed ?? 0n,
        voucher: channel.voucher?.max ?? 0n,
      };
    });
  }

  /** All channels between the two relays as one. */
  #link(): Side {
    const { channels } = this.#world.ledger('exit');
    const { outgoing } = this.#world.ledger('entry');
    const sum = <T>(of: readonly T[], part: (each: T) => bigint): bigint =>
      of.reduce((all, each) => all + part(each), 0n);
    return {
      of: '0x',
      served: owedFor(BigInt(this.#world.browser.total), LINK.price),
      counted: sum(channels, (channel) => this.#counted(channel)),
      signed: sum(outgoing, ({ voucher }) => voucher?.max ?? 0n),
      voucher: sum(channels, ({ voucher }) => voucher?.max ?? 0n),
    };
  }

  #counted({ id, owed, claimed }: ChannelSummary): bigint {
    return most(owed, claimed, this.#floor.get(id) ?? 0n);
  }

  /** Nothing is claimed that was not signed and served, and no money comes from nowhere. */
  async #onChain(): Promise<void> {
    const network = NETWORKS.devnet;
    const reader = createRpc({ url: this.#world.node.chain().url, fetch }).at('latest');
    for (const name of ['entry', 'exit'] as const) {
      for (const channel of this.#world.ledger(name).channels) {
        const { totalClaimed } = await reader.read(readChannel(network, channel.id));
        const bound = channel.voucher?.max ?? 0n;
        if (totalClaimed > bound) fail(`${totalClaimed} is claimed, and ${bound} was signed`);
        const counted = most(this.#counted(channel), channel.reserved);
        if (totalClaimed > counted) fail(`${totalClaimed} is claimed, and ${counted} was counted`);
      }
    }
    const holders = [...this.#world.accounts, network.escrow];
    const total = async (): Promise<bigint> => {
      const balances = await Promise.all(holders.map((each) => reader.read(readTokenBalance(network, each))));
      return balances.reduce((all, each) => all + each, 0n);
    };
    // All of one block: a payout in between would be seen at neither end.
    const { rpc } = this.#world.node.chain();
    let sum: bigint;
    let before: unknown;
    do {
      before = await rpc('eth_blockNumber');
      sum = await total();
    } while (before !== (await rpc('eth_blockNumber')));
    if (sum !== this.#world.minted) fail(`${this.#world.minted} were minted, and there are ${sum}`);
  }
}

function show({ of, served, counted, signed, voucher }: Side): string {
  return JSON.stringify({ of, served: `${served}`, counted: `${counted}`, signed: `${signed}`, voucher: `${voucher}` });
}

function fail(what: string): never {
  throw new BrokenRule(what);
}

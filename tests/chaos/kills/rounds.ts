// One life of a world: step after step of opening, paying, topping up and closing, with a kill in each, and what must hold behind it.

import { setTimeout as delay } from 'node:timers/promises';
import { owedFor } from '../../../src/core/payment/price.ts';
import { Losses } from './losses.ts';
import type { Answer } from './payer.ts';
import type { Random } from './random.ts';
import { arm, describe, drawTrigger, type StepName } from './triggers.ts';
import { CLIENT, VICTIMS, type Victim, type World } from './world.ts';

const MIB = 1_048_576;
/** A paid tunnel that has no credit is cut after 30 s; a relay looks at its chain again within seconds. */
const REST_MS = 60_000;
const DEPOSITS = [3_000_000, 6_000_000] as const;

export type Kill = { step: StepName; victim: Victim; how: string; hit: boolean };
export type OnKill = (kill: Kill, answer: string) => void;

/**
 * The entry pays its exit no more: what their two counts may differ by in all the life of a channel is used up by the kills before. That is the guard that bounds
 * the loss, and the end of this world.
 */
export class LinkEnded extends Error {
  override readonly name = 'LinkEnded';
}

export class Rounds {
  readonly losses: Losses;
  readonly #world: World;
  readonly #random: Random;
  readonly #onKill: OnKill;
  /** The entry takes no more deposits for a while; when it starts anew it does. */
  #refusesDeposits = false;
  #entryDiedAt = 0;

  constructor(world: World, random: Random, onKill: OnKill) {
    this.#world = world;
    this.#random = random;
    this.#onKill = onKill;
    this.losses = new Losses(world);
  }

  async round(): Promise<void> {
    const world = this.#world;
    const random = this.#random;
    const [step, bytes] = this.#choose();
    const victim = this.#victim();
    const trigger = drawTrigger(random, step, bytes);
    let struck: Promise<void> | undefined;
    const strike = (): Promise<void> => (struck ??= world.kill(victim));
    const disarm = await arm(world, victim, trigger, strike);
    const running = this.#perform(step, bytes);
    const struckFirst = async (): Promise<void> => {
      while (struck === undefined) await delay(1);
    };
    await Promise.race([running, struckFirst()]);
    const hit = struck !== undefined;
    disarm();
    await strike();
    // The others go on for a moment without it.
    await delay(random.draw() * 300);
    if (victim === 'entry') while (world.browser.running > 0) await delay(1);
    this.losses.afterDeath(victim);
    await world.restart(victim);
    const answer = await this.#late(running, `the step ${step}`);
    this.#refusesDeposits = answer === 'rate_limited';
    this.#onKill({ step, victim, how: describe(trigger), hit }, answer);
    await this.#rest();
    await this.losses.atRest();
  }

  /** Closes what is open, without a kill, and waits until the chain has all of it. */
  async finish(): Promise<void> {
    const world = this.#world;
    await this.#until('the last channel is closed', async () => {
      if (world.open() === undefined) return undefined;
      await this.#lease();
      const answer = await world.payer.ask({ do: 'close' });
      return 'code' in answer ? answer.code : undefined;
    });
    await this.#until('the transactions have ended', async () => {
      const left = world.ledger('entry').transactions.length + world.ledger('exit').transactions.length;
      return left === 0 ? undefined : `${left} transactions`;
    });
    await this.losses.atRest();
    await this.#until('what was not claimed came back', async () => this.losses.keptBack());
  }

  /** An exit that lost its entry twice within ten seconds waits longer and longer before it dials it again: here it would only be waited for. */
  #victim(): Victim {
    const victim = this.#refusesDeposits ? 'entry' : this.#random.pick(VICTIMS);
    if (victim !== 'entry') return victim;
    if (Date.now() - this.#entryDiedAt < 12_000 && !this.#refusesDeposits) return this.#victim();
    this.#entryDiedAt = Date.now();
    return victim;
  }

  #choose(): [StepName, number] {
    const random = this.#random;
    const channel = this.#world.open();
    if (channel === undefined) return ['open', 0];
    const { funds } = channel;
    const served = owedFor(BigInt(this.#world.browser.carried.get(channel.id) ?? 0), CLIENT.price);
    const left = Number(funds.safe + funds.unsafe - served - 2n * CLIENT.increment) / Number(CLIENT.price);
    const draw = random.draw();
    if (channel.deposit === undefined && (left < 8 ? draw < 0.5 : draw < 0.12)) return ['top-up', 0];
    if (left < 8 || draw > 0.85) return ['close', 0];
    return ['pay', Math.floor(Math.min(left, random.between(8, 64))) * MIB];
  }

  async #perform(step: StepName, bytes: number): Promise<string> {
    switch (step) {
      case 'open':
      case 'top-up': {
        const lease = await this.#lease();
        if ('code' in lease && lease.code !== 'no_free_quota') return lease.code;
        return codeOf(await this.#world.payer.ask({ do: 'deposit', amount: String(this.#random.pick(DEPOSITS)) }));
      }
      case 'close': {
        const lease = await this.#lease();
        if ('code' in lease) return lease.code;
        return codeOf(await this.#world.payer.ask({ do: 'close' }));
      }
      case 'pay': {
        const tunnels = this.#random.between(1, 3);
        const came = await Promise.all(Array.from({ length: tunnels }, () => this.#carry(Math.floor(bytes / tunnels))));
        return came.includes('whole') ? 'whole' : (came[0] ?? 'none');
      }
    }
  }

  #lease(): Promise<Answer> {
    return this.#world.payer.ask({ do: 'lease' });
  }

  async #carry(bytes: number): Promise<string> {
    const lease = await this.#lease();
    if ('code' in lease) return lease.code;
    const channel = this.#world.open();
    if (channel === undefined || lease.port === undefined) return 'none is open';
    return (await this.#world.download(lease.port, channel.id, bytes)) === bytes ? 'whole' : 'cut';
  }

  /** Everybody is back: a lease, and bytes by it where there is a channel; and nothing is under way. */
  async #rest(): Promise<void> {
    const { browser } = this.#world;
    await this.#until('it pays and carries again', async () => {
      if (this.#world.linkEnded()) await this.#endOfLink();
      if (this.#world.open() !== undefined) {
        const came = await this.#carry(MIB / 16);
        return came === 'whole' ? undefined : came;
      }
      const lease = await this.#lease();
      return 'code' in lease && lease.code === 'no_free_quota' ? undefined : JSON.stringify(lease);
    });
    await this.#until('tunnels have ended', async () => (browser.running === 0 ? undefined : `${browser.running}`));
    // What the last bytes caused: a meter, a voucher and its place on two disks.
    await this.#until('vouchers have come', async () => {
      const channel = this.#world.open();
      if (channel === undefined) return undefined;
      const kept = this.#world.ledger('entry').channels.find(({ id }) => id === channel.id)?.voucher?.max ?? 0n;
      return kept === channel.paid.signed ? undefined : `${kept} of ${channel.paid.signed}`;
    });
  }

  async #endOfLink(): Promise<never> {
    this.#world.browser.cutAll();
    await this.losses.atRest();
    this.losses.linkUsedUp();
    throw new LinkEnded('the counts of entry and exit have come apart by what is let pass');
  }

  /** @param look undefined when it is so, else what is missing */
  async #until(what: string, look: () => Promise<string | undefined>): Promise<void> {
    const start = Date.now();
    const seen = new Set<string>();
    while (Date.now() < start + REST_MS) {
      const missing = await this.#late(look(), what);
      if (missing === undefined) return;
      seen.add(`${missing} at ${((Date.now() - start) / 1000).toFixed(1)} s`);
      // Each try is three or four questions, of which a relay takes one in two seconds from a peer: whoever asks without a pause is never let in. The worker's
      // own first wait after a failure is 5 s, and doubles (src/core/circuit/durations.ts).
      await delay(missing === 'rate_limited' ? 10_000 : Math.min(3000, 50 + (Date.now() - start) / 2));
    }
    throw new Error(
      `not within ${REST_MS / 1000} s: ${what} (${[...seen].slice(0, 5).join(', ')}; the payer says ${this.#world.book().problem ?? 'nothing'})`,
    );
  }

  async #late<T>(work: Promise<T>, what: string): Promise<T> {
    const stop = new AbortController();
    const late = delay(REST_MS, undefined, { signal: stop.signal }).then(() => {
      throw new Error(`hangs: ${what}`);
    });
    try {
      return await Promise.race([work, late]);
    } finally {
      stop.abort();
      late.catch(() => undefined);
    }
  }
}

function codeOf(answer: Answer): string {
  return 'code' in answer ? answer.code : 'done';
}

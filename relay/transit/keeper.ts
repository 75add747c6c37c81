// Gets an entry's money back from exits: of channels that nobody uses, that the operator wants closed, or by which nobody can be paid any more. In each round it
// looks at each channel and does one step, decided by leave.ts from what the chain and the ledger say, so that a relay that is killed goes on where it was. A channel
// stands as `closing` on the disk before anything is asked or sent. Made by relay/relay.ts.

import type { Logger } from 'pino';
import { ChainError } from '../../src/chain/rail/chain-error.ts';
import { PaymentError } from '../../src/core/payment/payment-error.ts';
import type { Hex } from '../../src/core/payment/hex.ts';
import type { PeerLabel } from '../../src/core/tunnel/circuit-name.ts';
import type { PayerChain } from '../chain/payer-chain.ts';
import { SenderError } from '../chain/sender-error.ts';
import { createBeat, type BeatTimes } from '../chain/beat.ts';
import { LedgerError } from '../ledger/ledger-error.ts';
import { logEvent } from '../log.ts';
import type { BookEntry, TransitBook } from './book.ts';
import { isAsked, LeaveRequestError, type LeaveRequest } from './leave-request.ts';
import { isDue, nextStep, type LeaveRules } from './leave.ts';
import type { Transit } from './transit.ts';

export type KeeperInit = {
  book: TransitBook;
  chain: PayerChain;
  transit: Pick<Transit, 'isThere' | 'isBusy' | 'paysBy' | 'leave' | 'giveBack'>;
  rules: LeaveRules;
  request: () => Promise<LeaveRequest>;
  /** ms since the epoch. */
  now: () => number;
  log: Logger;
  times: BeatTimes;
};

export type Keeper = { close(): Promise<void> };

export function createKeeper(init: KeeperInit): Keeper {
  const { book, chain, transit, rules, now, log } = init;
  /** When each exit was there last; one that was never, since this relay runs. */
  const there = new Map<PeerLabel, number>();
  const startedAt = now();
  const agreedAt = new Map<Hex, number>();
  /** Each trouble of a channel is told once. */
  const told = new Map<string, string>();

  const tell = (about: string, error: unknown): void => {
    const code = codeOf(error);
    if (told.get(about) === code) return;
    told.set(about, code);
    log.warn({ event: 'transit-leave-trouble', about, code });
  };

  const begin = async (entry: BookEntry, reason: 'asked' | 'unused'): Promise<void> => {
    const { peer: exit, channel } = entry;
    await book.end(channel.id, 'closing');
    transit.leave(exit);
    logEvent(log, 'transit-leaving', { exit, channel: channel.id, reason });
  };

  const ask = async ({ peer: exit, channel }: BookEntry): Promise<void> => {
    const given = await transit.giveBack(exit, channel);
    agreedAt.set(channel.id, now());
    if (given === undefined || given.txHash !== undefined) return;
    // It has no gas, or waits for cheaper gas; anybody may send it.
    await chain.sendRefund(channel.id, channel.config, given);
  };

  const step = async (entry: BookEntry): Promise<void> => {
    const { peer: exit, channel } = entry;
    const { id, config } = channel;
    const seen = await chain.look(id, config);
    const agreed = agreedAt.get(id);
    const closing = {
      chain: seen,
      isThere: transit.isThere(exit),
      goneMs: now() - (there.get(exit) ?? startedAt),
      agreedMs: agreed === undefined ? undefined : now() - agreed,
    };
    switch (nextStep(closing, rules)) {
      case 'wait':
        return;
      case 'ask':
        return ask(entry);
      case 'begin':
        await chain.begin(id, config, seen.left);
        logEvent(log, 'transit-withdrawal', { exit, channel: id, amount: String(seen.left) });
        return;
      case 'fetch':
        return chain.fetch(id, config);
      case 'closed':
        await book.end(id, 'closed');
        agreedAt.delete(id);
        logEvent(log, 'transit-left', { exit, channel: id });
    }
  };

  /** Whether anything is being closed. */
  const round = async (): Promise<boolean> => {
    let request: LeaveRequest;
    try {
      request = await init.request();
      told.delete('request');
    } catch (error) {
      // Nothing is begun by a request that cannot be read; what is begun goes on.
      tell('request', error);
      request = new Set();
    }
    for (const entry of book.unclosed()) {
      const { peer: exit, channel, state, usedAt } = entry;
      if (transit.isThere(exit)) there.set(exit, now());
      const asked = isAsked(request, exit);
      const superseded = transit.paysBy(exit) !== undefined && transit.paysBy(exit) !== channel.id;
      const standing = { state, asked, superseded, busy: transit.isBusy(exit), unusedMs: now() - usedAt };
      try {
        if (isDue(standing, rules)) await begin(entry, asked ? 'asked' : 'unused');
        if (entry.state === 'closing') await step(entry);
        told.delete(channel.id);
      } catch (error) {
        tell(channel.id, error);
      }
    }
    return book.unclosed().some(({ state }) => state === 'closing');
  };

  const beat = createBeat(round, init.times);
  return { close: () => beat.stop() };
}

/** A word of a closed list; of what libp2p throws only that the exit was not reached. */
function codeOf(error: unknown): string {
  if (error instanceof LeaveRequestError) return 'request-damaged';
  const isOurs =
    error instanceof PaymentError ||
    error instanceof ChainError ||
    error instanceof SenderError ||
    error instanceof LedgerError;
  return isOurs ? error.code : 'unreachable';
}

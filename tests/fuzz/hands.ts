// Runs rounds of surfaces, several at once, until each has had its inputs or the time is over. Used by the fuzzer's process.

import { setTimeout as delay } from 'node:timers/promises';
import { SURFACES } from './all.ts';
import { drawAddress } from './addresses.ts';
import type { Strangers } from './strangers.ts';
import { randomOf, type Surface } from './surface.ts';
import type { FuzzTarget } from './target.ts';

export type Work = {
  seed: number;
  isValid: boolean;
  /** Inputs of each surface. */
  quotas: Record<string, number>;
  /** The first round of each that was not done yet. */
  from: Record<string, number>;
  /** Of all together; left out: until the quotas are used. */
  ms?: number;
};

export type Done = {
  surface: string;
  quota: number;
  sent: number;
  /** The next round's number. */
  next: number;
  /** Rounds that ended before their time, since the relay hung up. */
  broken: number;
  answered: Record<string, number>;
};

/** A relay that lets nobody in has ended the fuzzing of that surface: then it is told, and not waited for. */
const FRUITLESS = 200;
/** Far above any limit of time within a round. */
const ROUND_MS = 60_000;

export async function runHands(work: Work, target: FuzzTarget, strangers: Strangers): Promise<Done[]> {
  const stop = new AbortController();
  const timer = work.ms === undefined ? undefined : setTimeout(() => stop.abort(), work.ms);
  try {
    return await Promise.all(
      Object.keys(work.quotas).map((name) => runSurface(name, SURFACES[name]!, work, target, strangers, stop.signal)),
    );
  } finally {
    clearTimeout(timer);
  }
}

async function runSurface(
  name: string,
  surface: Surface,
  { seed, isValid, quotas, from }: Work,
  target: FuzzTarget,
  strangers: Strangers,
  signal: AbortSignal,
): Promise<Done> {
  const quota = quotas[name] ?? 0;
  const done: Done = { surface: name, quota, sent: 0, next: from[name] ?? 0, broken: 0, answered: {} };
  let fruitless = 0;
  const hand = async (): Promise<void> => {
    while (done.sent < quota && fruitless < FRUITLESS && !signal.aborted) {
      const number = done.next++;
      const random = randomOf(seed, name, number);
      const before = done.sent;
      const round = {
        ...{ target, strangers, random, isValid, signal, localAddress: drawAddress(random) },
        sent: (inputs = 1): void => void (done.sent += inputs),
        answered: (word: string): void => void (done.answered[word] = (done.answered[word] ?? 0) + 1),
      };
      const limit = new AbortController();
      try {
        await Promise.race([surface.round(round), overdue(name, number, limit.signal)]);
      } catch (error) {
        if (error instanceof OverdueError) throw error;
        done.broken += 1;
      } finally {
        limit.abort();
      }
      fruitless = done.sent === before ? fruitless + 1 : 0;
    }
  };
  await Promise.all(Array.from({ length: surface.hands }, hand));
  return done;
}

/** A round that never ends is a fault of the fuzzer, which would wait for ever. */
class OverdueError extends Error {
  override readonly name = 'OverdueError';
}

async function overdue(name: string, number: number, signal: AbortSignal): Promise<void> {
  try {
    await delay(ROUND_MS, undefined, { signal });
  } catch {
    return;
  }
  throw new OverdueError(`round ${number} of ${name} is not over after ${ROUND_MS / 1000} s`);
}

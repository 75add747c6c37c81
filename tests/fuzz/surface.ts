// What is fuzzed: a surface is one way in which a stranger's bytes reach a relay. Its rounds are told by seed, name and number alone, so that one can be done again without the others.

import { createHash } from 'node:crypto';
import { createRandom, type Random } from '../chaos/kills/random.ts';
import { mutate, type Form } from './mutate.ts';
import type { Strangers } from './strangers.ts';
import type { FuzzTarget } from './target.ts';

export type Surface = {
  /** Its part of all inputs. */
  weight: number;
  /** Rounds at the same time. */
  hands: number;
  /** A connection or a conversation, with as many inputs as the protocol lets in. Rejects where the relay hung up: that is its right. */
  round(round: Round): Promise<void>;
};

export type Round = {
  target: FuzzTarget;
  strangers: Strangers;
  random: Random;
  /** Nothing is wrong with what is sent: the traffic that the fuzzing is held against. */
  isValid: boolean;
  /** Whence it comes: another /24 each time, so that no limit of one network ends the fuzzing. */
  localAddress: string;
  /** So many messages were written to somebody who was still there. */
  sent(inputs?: number): void;
  /** What came back, as a word out of a short list: a status, a code, how it ended. */
  answered(word: string): void;
  signal: AbortSignal;
};

export function randomOf(seed: number, surface: string, round: number): Random {
  const digest = createHash('sha256').update(`${seed} ${surface} ${round}`).digest();
  return createRandom(digest.readUInt32BE(0));
}

/** One of the corpus: as it is in valid traffic, and else with something wrong. */
export function input({ random, isValid }: Round, form: Form, corpus: readonly Uint8Array[]): Buffer {
  return isValid ? Buffer.from(random.pick(corpus)) : mutate(random, form, corpus);
}

/** So many of them, drawn as they are asked for. */
export function* inputs(round: Round, form: Form, corpus: readonly Uint8Array[], count: number): Generator<Buffer> {
  for (let made = 0; made < count; made += 1) yield input(round, form, corpus);
}

/** What is made once for all rounds. */
export function perTarget<T>(make: (target: FuzzTarget) => T): (target: FuzzTarget) => T {
  const known = new WeakMap<FuzzTarget, T>();
  return (target) => {
    const made = known.get(target) ?? make(target);
    known.set(target, made);
    return made;
  };
}

// What other relays say, taken into the directory one by one: the cheap looks first, then the signatures, and no more of those in a second than this relay has time for.
// Nothing that both keys did not sign gets in; who passes on such a thing is told of.

import { setTimeout as delay } from 'node:timers/promises';
import { decodeDescriptor } from '../../src/core/directory/descriptor.ts';
import { DirectoryError } from '../../src/core/directory/directory-error.ts';
import type { Directory } from '../../src/core/directory/directory.ts';
import {
  openDescriptor,
  type DescriptorKeys,
  type OpenedDescriptor,
  type SignedDescriptor,
} from '../../src/core/directory/open-descriptor.ts';
import { createRateLimit } from '../net/rate-limit.ts';

/** Two signatures take about 1.5 ms: a directory of 10,000 is in after two minutes, and a flood takes a sixth of a core. */
const OPENED_PER_SECOND = 100;
/** What comes at once in quiet times. */
const OPENED_AT_ONCE = 200;
/** A look at what was not opened takes some microseconds; other work goes on in between. */
const LOOKED_AT_ONCE = 500;

export type Taken = {
  /** New in the directory. */
  fresh: number;
  /** Not valid yet, or not any more, by this machine's clock. */
  untimely: number;
  /** No room. */
  refused: number;
};

export type IntakeInit = {
  directory: Directory;
  keys: DescriptorKeys;
  chainId: number;
  /** ms since the epoch. */
  now: () => number;
  /** An entry of this relay's own key, that others had and both keys signed. Never taken in by itself. */
  onOwn: (opened: OpenedDescriptor) => void;
  isOwn: (peer: string) => boolean;
  signal: AbortSignal;
};

export type Intake = {
  /** Rejects with `DirectoryError` malformed, too-large, wrong-network, bad-signature: an honest relay passes on no such thing. What came before it is taken. */
  take(entries: readonly SignedDescriptor[]): Promise<Taken>;
};

export function createIntake({ directory, keys, chainId, now, onOwn, isOwn, signal }: IntakeInit): Intake {
  const limit = createRateLimit(OPENED_AT_ONCE, OPENED_PER_SECOND);
  /** One after the other, whoever they come from. */
  let turn: Promise<unknown> = Promise.resolve();

  const mayOpen = async (): Promise<void> => {
    while (!limit.take(performance.now())) await delay(1000 / OPENED_PER_SECOND, undefined, { signal });
  };

  const takeOne = async (signed: SignedDescriptor, taken: Taken): Promise<void> => {
    const descriptor = decodeDescriptor(signed.descriptor);
    const own = isOwn(descriptor.peer);
    const judged = directory.judge(descriptor, signed);
    if (judged === 'full' || judged === 'crowded') taken.refused += 1;
    if (judged !== 'new') return;
    await mayOpen();
    try {
      const opened = await openDescriptor(signed, { keys, chainId, now: now() });
      if (own) onOwn(opened);
      else if (directory.consider(opened) === 'new') taken.fresh += 1;
    } catch (error) {
      // Clocks differ: that is nobody's fault yet.
      if (!isUntimely(error)) throw error;
      taken.untimely += 1;
    }
  };

  const takeAll = async (entries: readonly SignedDescriptor[]): Promise<Taken> => {
    const taken = { fresh: 0, untimely: 0, refused: 0 };
    for (const [at, entry] of entries.entries()) {
      signal.throwIfAborted();
      if (at % LOOKED_AT_ONCE === LOOKED_AT_ONCE - 1) await delay(0);
      await takeOne(entry, taken);
    }
    return taken;
  };

  return {
    take: (entries) => {
      const taking = turn.then(() => takeAll(entries));
      turn = taking.catch(() => undefined);
      return taking;
    },
  };
}

function isUntimely(error: unknown): boolean {
  return error instanceof DirectoryError && (error.code === 'expired' || error.code === 'not-valid-yet');
}

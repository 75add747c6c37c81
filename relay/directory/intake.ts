// What other relays say, taken into the directory one by one: the cheap looks first, then the signatures, and no more of those in a second than this relay has time for. Several answers are taken at once and have
// turns, so that one with ten thousand new relays in it keeps nobody else's ten waiting.
// Nothing that both keys did not sign gets in; who passes on such a thing is told of.

import { setTimeout as delay } from 'node:timers/promises';
import { decodeDescriptor, type RelayDescriptor } from '../../src/core/directory/descriptor.ts';
import { DirectoryError } from '../../src/core/directory/directory-error.ts';
import type { Considered, Directory } from '../../src/core/directory/directory.ts';
import {
  openDescriptor,
  type DescriptorKeys,
  type OpenedDescriptor,
  type SignedDescriptor,
} from '../../src/core/directory/open-descriptor.ts';
import { keyOfLabel } from '../../src/core/directory/peer-key.ts';
import { createFairTurns } from '../net/fair-turns.ts';

/** Two signatures take 1.5 to 3 ms: a directory of 10,000 is in after two minutes, and a flood takes a sixth of a core to a third. */
const OPENED_PER_SECOND = 100;
/** What comes at once in quiet times. */
const OPENED_AT_ONCE = 200;
/** A look takes some 30 µs, and whoever offers the same ten thousand over many connections has them looked at for each: a quarter of a core at most, and other work goes on in between. */
const LOOK_MS = 5;
const REST_MS = 15;

export type Taken = {
  /** New in the directory. */
  fresh: number;
  /** Not valid yet, or not any more, by this machine's clock. */
  untimely: number;
  /** No room. */
  refused: number;
  /** Not come to: it took too long. */
  left: number;
};

export type TakeOptions = {
  /** Who said it: what it says of itself is taken first. */
  by?: string;
  /** ms; what has not had its turn by then is left. */
  withinMs?: number;
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
  take(entries: readonly SignedDescriptor[], options?: TakeOptions): Promise<Taken>;
};

export function createIntake({ directory, keys, chainId, now, onOwn, isOwn, signal }: IntakeInit): Intake {
  const turns = createFairTurns(OPENED_AT_ONCE, OPENED_PER_SECOND, signal);

  const opening = new Map<string, Promise<unknown>>();
  /** Of all answers together. */
  let resting: Promise<unknown> = Promise.resolve();
  let lookedMs = 0;

  const look = async (signed: SignedDescriptor): Promise<{ descriptor: RelayDescriptor; judged: Considered }> => {
    await resting;
    const began = performance.now();
    try {
      const descriptor = decodeDescriptor(signed.descriptor);
      return { descriptor, judged: directory.judge(descriptor, signed) };
    } finally {
      lookedMs += performance.now() - began;
      if (lookedMs > LOOK_MS) {
        lookedMs = 0;
        resting = delay(REST_MS);
      }
    }
  };

  const takeOne = async (signed: SignedDescriptor, taken: Taken): Promise<void> => {
    const { descriptor, judged } = await look(signed);
    const own = isOwn(descriptor.peer);
    if (judged === 'full' || judged === 'crowded') taken.refused += 1;
    if (judged !== 'new') return;
    await turns.next();
    // Another answer may have brought it meanwhile, or be about to: one that is forged then fails for itself.
    for (let other; (other = opening.get(signed.peerSignature)) !== undefined;) await other.catch(() => undefined);
    if (directory.judge(descriptor, signed) !== 'new') {
      turns.giveBack();
      return;
    }
    try {
      const work = openDescriptor(signed, { keys, chainId, now: now() });
      opening.set(signed.peerSignature, work);
      const opened = await work;
      if (own) onOwn(opened);
      else if (directory.consider(opened) === 'new') taken.fresh += 1;
    } catch (error) {
      // Clocks differ: that is nobody's fault yet.
      if (!isUntimely(error)) throw error;
      taken.untimely += 1;
    } finally {
      opening.delete(signed.peerSignature);
    }
  };

  return {
    take: async (entries, { by, withinMs = Infinity } = {}) => {
      const taken = { fresh: 0, untimely: 0, refused: 0, left: 0 };
      const until = performance.now() + withinMs;
      const first = by === undefined ? -1 : findOf(by, entries);
      if (entries[first] !== undefined) await takeOne(entries[first], taken);
      for (const [at, entry] of entries.entries()) {
        if (performance.now() > until) return { ...taken, left: entries.length - at };
        signal.throwIfAborted();
        await takeOne(entry, taken);
      }
      return taken;
    },
  };
}

/** By the bytes of its key, without reading any. */
function findOf(peer: string, entries: readonly SignedDescriptor[]): number {
  const key = keyOfLabel(peer);
  if (key === undefined) return -1;
  const bytes = Buffer.from(key);
  return entries.findIndex(({ descriptor: { buffer, byteOffset, byteLength } }) =>
    Buffer.from(buffer, byteOffset, byteLength).includes(bytes),
  );
}

function isUntimely(error: unknown): boolean {
  return error instanceof DirectoryError && (error.code === 'expired' || error.code === 'not-valid-yet');
}

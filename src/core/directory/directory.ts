// What a relay or a client has of the directory: the best descriptor of each peer, numbered in the order in which they came, so that whoever asks again gets
// only what is new since. Holds what was opened (open-descriptor.ts) and nothing else.

import type { PeerLabel } from '../tunnel/circuit-name.ts';
import { hex, type Hex } from '../wire/kinds.ts';
import { Crowd } from './crowd.ts';
import { validUntil, CLOCK_SKEW_S, type RelayDescriptor } from './descriptor.ts';
import type { OpenedDescriptor, SignedDescriptor } from './open-descriptor.ts';

/** Of a mark: drawn at random where a directory begins empty. */
const EPOCH_BYTES = 16;
export const epoch = hex(EPOCH_BYTES);

/**
 * Of a peer: `new` is kept; one just as it is there is `known`; what is there is better than an `older` one; `full` is full, and of its payee, operator or network there
 * are too many for a `crowded` one.
 */
export type Considered = 'new' | 'known' | 'older' | 'full' | 'crowded';

/** Up to where somebody has read, in the numbers of one directory: another `epoch` has other numbers. */
export type ReadMark = { epoch: Hex; version: number };

/** `version`: of the directory, when it came. */
export type Kept = OpenedDescriptor & { version: number; vouched: boolean };

export type DirectoryInit = {
  epoch: Hex;
  /** How many peers it holds: more do not displace those that are there. */
  limit: number;
  /** Whether a bond stands behind a relay. Left out: behind none. */
  isVouched?: (relay: Pick<RelayDescriptor, 'peer' | 'payee'>) => boolean;
  /** What it had before a restart, in the order of the versions, and how far it had counted. */
  before?: { version: number; entries: readonly Omit<Kept, 'vouched'>[] };
};

export class Directory {
  readonly #init: DirectoryInit;
  /** In the order of their versions. */
  readonly #kept = new Map<PeerLabel, Kept>();
  readonly #crowd: Crowd;
  #version = 0;

  constructor(init: DirectoryInit) {
    this.#init = init;
    this.#crowd = new Crowd(init.limit);
    for (const { version, ...opened } of init.before?.entries ?? []) {
      this.#version = version - 1;
      this.consider(opened);
    }
    this.#version = init.before?.version ?? 0;
  }

  get size(): number {
    return this.#kept.size;
  }

  /** Where somebody who has all of it has read up to. */
  get mark(): ReadMark {
    return { epoch: this.#init.epoch, version: this.#version };
  }

  /** What `consider` would say, before the signatures are checked: that takes a thousand times as long. */
  judge(descriptor: RelayDescriptor, { descriptor: bytes }: Pick<SignedDescriptor, 'descriptor'>): Considered {
    const kept = this.#kept.get(descriptor.peer);
    if (kept === undefined && this.#kept.size >= this.#init.limit) return 'full';
    const order = kept === undefined ? 1 : compare({ descriptor, bytes }, kept);
    if (order <= 0) return order === 0 ? 'known' : 'older';
    return this.#crowd.takes({ descriptor, vouched: this.#isVouched(descriptor) }, kept) ? 'new' : 'crowded';
  }

  consider({ descriptor, signed }: OpenedDescriptor): Considered {
    const judged = this.judge(descriptor, signed);
    if (judged !== 'new') return judged;
    this.#version += 1;
    this.#forget(descriptor.peer);
    const kept = { descriptor, signed, version: this.#version, vouched: this.#isVouched(descriptor) };
    this.#kept.set(descriptor.peer, kept);
    this.#crowd.add(kept);
    return 'new';
  }

  /** Forgets what holds no more: every reader does so by itself, so nobody is told. Returns how many. @param now ms since the epoch */
  prune(now: number): number {
    const before = this.#kept.size;
    for (const [peer, { descriptor }] of this.#kept) {
      if (now >= 1000 * (validUntil(descriptor) + CLOCK_SKEW_S)) this.#forget(peer);
    }
    return before - this.#kept.size;
  }

  #forget(peer: PeerLabel): void {
    const kept = this.#kept.get(peer);
    if (kept === undefined) return;
    this.#kept.delete(peer);
    this.#crowd.remove(kept);
  }

  #isVouched(relay: RelayDescriptor): boolean {
    return this.#init.isVouched?.(relay) === true;
  }

  get(peer: PeerLabel): RelayDescriptor | undefined {
    return this.#kept.get(peer)?.descriptor;
  }

  descriptors(): RelayDescriptor[] {
    return [...this.#kept.values()].map(({ descriptor }) => descriptor);
  }

  /** What came after the mark, in that order; all, where it is of another epoch or of nobody. */
  since(mark: ReadMark | undefined): Kept[] {
    const from = mark?.epoch === this.#init.epoch ? mark.version : 0;
    return [...this.#kept.values()].filter(({ version }) => version > from);
  }
}

/**
 * The higher sequence is better. A relay that signs two with one sequence is at fault, and which of them counts is nobody's choice: the one whose bytes come
 * first, so that all directories come to agree.
 */
function compare(one: { descriptor: RelayDescriptor; bytes: Uint8Array }, kept: Kept): number {
  const bySequence = one.descriptor.sequence - kept.descriptor.sequence;
  if (bySequence !== 0n) return bySequence > 0n ? 1 : -1;
  return compareBytes(kept.signed.descriptor, one.bytes);
}

function compareBytes(one: Uint8Array, other: Uint8Array): number {
  for (const [at, byte] of one.entries()) {
    const against = other[at];
    if (against === undefined) return 1;
    if (byte !== against) return byte - against;
  }
  return one.length - other.length;
}

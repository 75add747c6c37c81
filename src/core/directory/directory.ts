// What a relay or a client has of the directory: the best descriptor of each peer, numbered in the order in which they came, so that whoever asks again gets
// only what is new since. Holds what was opened (open-descriptor.ts) and nothing else.

import type { PeerLabel } from '../tunnel/circuit-name.ts';
import type { Hex } from '../wire/kinds.ts';
import { validUntil, CLOCK_SKEW_S, type RelayDescriptor } from './descriptor.ts';
import type { OpenedDescriptor } from './open-descriptor.ts';

/** Of a peer: `new` is kept; one just as it is there is `known`; what is there is better than an `older` one; `full` is full. */
export type Considered = 'new' | 'known' | 'older' | 'full';

/** Up to where somebody has read, in the numbers of one directory: another `epoch` has other numbers. */
export type ReadMark = { epoch: Hex; version: number };

/** `version`: of the directory, when it came. */
export type Kept = OpenedDescriptor & { version: number };

export class Directory {
  readonly #epoch: Hex;
  readonly #limit: number;
  /** In the order of their versions. */
  readonly #kept = new Map<PeerLabel, Kept>();
  #version = 0;

  /**
   * @param epoch 16 bytes, drawn anew each time a directory begins empty
   * @param limit how many peers it holds: more do not displace those that are there
   */
  constructor(epoch: Hex, limit: number) {
    this.#epoch = epoch;
    this.#limit = limit;
  }

  get size(): number {
    return this.#kept.size;
  }

  /** Where somebody who has all of it has read up to. */
  get mark(): ReadMark {
    return { epoch: this.#epoch, version: this.#version };
  }

  consider(opened: OpenedDescriptor): Considered {
    const { peer } = opened.descriptor;
    const kept = this.#kept.get(peer);
    if (kept === undefined && this.#kept.size >= this.#limit) return 'full';
    const order = kept === undefined ? 1 : compare(opened, kept);
    if (order === 0) return 'known';
    if (order < 0) return 'older';
    this.#version += 1;
    this.#kept.delete(peer);
    this.#kept.set(peer, { ...opened, version: this.#version });
    return 'new';
  }

  /** Forgets what holds no more: every reader does so by itself, so nobody is told. Returns how many. @param now ms since the epoch */
  prune(now: number): number {
    const before = this.#kept.size;
    for (const [peer, { descriptor }] of this.#kept) {
      if (now >= 1000 * (validUntil(descriptor) + CLOCK_SKEW_S)) this.#kept.delete(peer);
    }
    return before - this.#kept.size;
  }

  get(peer: PeerLabel): RelayDescriptor | undefined {
    return this.#kept.get(peer)?.descriptor;
  }

  descriptors(): RelayDescriptor[] {
    return [...this.#kept.values()].map(({ descriptor }) => descriptor);
  }

  /** What came after the mark, in that order; all, where it is of another epoch or of nobody. */
  since(mark: ReadMark | undefined): Kept[] {
    const from = mark?.epoch === this.#epoch ? mark.version : 0;
    return [...this.#kept.values()].filter(({ version }) => version > from);
  }
}

/**
 * The higher sequence is better. A relay that signs two with one sequence is at fault, and which of them counts is nobody's choice: the one whose bytes come
 * first, so that all directories come to agree.
 */
function compare(one: OpenedDescriptor, other: OpenedDescriptor): number {
  const bySequence = one.descriptor.sequence - other.descriptor.sequence;
  if (bySequence !== 0n) return bySequence > 0n ? 1 : -1;
  return compareBytes(other.signed.descriptor, one.signed.descriptor);
}

function compareBytes(one: Uint8Array, other: Uint8Array): number {
  for (const [at, byte] of one.entries()) {
    const against = other[at];
    if (against === undefined) return 1;
    if (byte !== against) return byte - against;
  }
  return one.length - other.length;
}

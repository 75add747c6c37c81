// Takes what relays told into the directory: each descriptor that is new is opened, in a drawn order, a few at a time so that the worker's other work goes on in between.

import { decodeDescriptor, type RelayDescriptor } from '../../src/core/directory/descriptor.ts';
import { DirectoryError } from '../../src/core/directory/directory-error.ts';
import type { Directory } from '../../src/core/directory/directory.ts';
import {
  openDescriptor,
  type DescriptorKeys,
  type SignedDescriptor,
} from '../../src/core/directory/open-descriptor.ts';
import type { PeerLabel } from '../../src/core/tunnel/circuit-name.ts';
import type { DirectoryAnswer } from '../../src/ports/entry-client.ts';

/** Two signatures take 2 to 4 ms in a browser: the worker answers within two frames, and half of a core stays free. */
const AT_ONCE = 8;
const REST_MS = 16;

export type OpenAllInit = {
  keys: DescriptorKeys;
  chainId: number;
  /** ms since the epoch. */
  now: () => number;
  draw: () => number;
  /** After so many that were taken, once. */
  pauseAfter: number;
  onPause: () => Promise<void>;
  signal: AbortSignal;
};

export type OpenedAll = {
  /** Who told of what nobody signed. */
  forgers: PeerLabel[];
  /** Whom each told of, signed or not. */
  told: Map<PeerLabel, Set<PeerLabel>>;
};

type Candidate = { descriptor: RelayDescriptor; signed: SignedDescriptor; from: PeerLabel[] };

export async function openAll(
  directory: Directory,
  answers: ReadonlyMap<PeerLabel, DirectoryAnswer>,
  { keys, chainId, now, draw, pauseAfter, onPause, signal }: OpenAllInit,
): Promise<OpenedAll> {
  const forgers = new Set<PeerLabel>();
  const told = new Map<PeerLabel, Set<PeerLabel>>();
  const candidates = new Map<string, Candidate>();
  for (const [who, { entries }] of answers) {
    const peers = new Set<PeerLabel>();
    told.set(who, peers);
    for (const signed of entries) {
      const descriptor = read(signed);
      if (descriptor === undefined) {
        forgers.add(who);
        continue;
      }
      peers.add(descriptor.peer);
      const key = `${descriptor.peer} ${signed.peerSignature} ${signed.payeeSignature}`;
      const known = candidates.get(key);
      if (known === undefined) candidates.set(key, { descriptor, signed, from: [who] });
      else known.from.push(who);
    }
  }

  let opened = 0;
  let taken = 0;
  for (const { descriptor, signed, from } of inDrawnOrder([...candidates.values()], draw)) {
    signal.throwIfAborted();
    if (directory.judge(descriptor, signed) !== 'new') continue;
    if ((opened += 1) % AT_ONCE === 0) await new Promise((resolve) => setTimeout(resolve, REST_MS));
    try {
      directory.consider(await openDescriptor(signed, { keys, chainId, now: now() }));
      if ((taken += 1) === pauseAfter) await onPause();
    } catch (error) {
      if (!(error instanceof DirectoryError)) throw error;
      if (error.code === 'bad-signature') for (const who of from) forgers.add(who);
    }
  }
  return { forgers: [...forgers], told };
}

function read(signed: SignedDescriptor): RelayDescriptor | undefined {
  try {
    return decodeDescriptor(signed.descriptor);
  } catch (error) {
    if (error instanceof DirectoryError) return undefined;
    throw error;
  }
}

/** Fisher and Yates: who tells them in an order of its own decides nothing. */
function inDrawnOrder<T>(all: T[], draw: () => number): T[] {
  for (let at = all.length - 1; at > 0; at -= 1) {
    const other = Math.floor(draw() * (at + 1));
    const [one, two] = [all[at], all[other]];
    if (one !== undefined && two !== undefined) [all[at], all[other]] = [two, one];
  }
  return all;
}

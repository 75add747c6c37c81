// Whether this process has room for another tunnel: memory and file descriptors. Beyond the limit new tunnels are refused, and those that run go on; the kernel would end all of them at once
// otherwise. Asked for each new tunnel by the entry and the exit.

import { readdirSync, readFileSync } from 'node:fs';
import type { LimitsConfig } from '../config/limits.ts';

export type Shortage = 'no-memory' | 'no-descriptors';

export type Usage = {
  /** Bytes in use: V8's heap, and the buffers outside of it. */
  memory: number;
  descriptors: number;
};

export type Ceilings = { memory: number; descriptors: number };

const MIB = 2 ** 20;
/** Sockets that are closing, and files that are opened for a moment, have the rest. */
const DESCRIPTORS_SHARE = 0.9;
/** What is not counted here (code, stacks, TLS sessions) has the rest. */
const MEMORY_SHARE = 0.8;
/** Reading 20,000 descriptors takes some ms. A look comes before its time where what was given out since the last one could have reached the limit. */
const LOOK_MS = 500;
/** A tunnel at an exit: both ends of a Unix socket, and the connection to the site. */
const DESCRIPTORS_EACH = 3;
/** The kernel's usual one, where it does not say. */
const USUAL_DESCRIPTORS = 1024;

/** Left out of the configuration: by what the system gives. */
export function ceilingsOf(
  { memoryMiB, fileDescriptors }: Pick<LimitsConfig, 'memoryMiB' | 'fileDescriptors'>,
  system: { memory: number | undefined; descriptors: number },
): Ceilings {
  return {
    memory: memoryMiB === undefined ? Math.floor((system.memory ?? Infinity) * MEMORY_SHARE) : memoryMiB * MIB,
    descriptors: fileDescriptors ?? Math.floor(system.descriptors * DESCRIPTORS_SHARE),
  };
}

export class Pressure {
  readonly #read: () => Usage;
  readonly #now: () => number;
  #ceilings: Ceilings;
  #looked = -Infinity;
  #found: Shortage | undefined;
  #descriptors = 0;
  /** Places since the last look. */
  #given = 0;

  /** @param now ms, monotone */
  constructor(ceilings: Ceilings, read: () => Usage = readUsage, now: () => number = () => performance.now()) {
    this.#ceilings = ceilings;
    this.#read = read;
    this.#now = now;
  }

  get ceilings(): Ceilings {
    return this.#ceilings;
  }

  change(ceilings: Ceilings): void {
    this.#ceilings = ceilings;
    this.#looked = -Infinity;
  }

  /** Undefined: there is room for one more. */
  shortage(): Shortage | undefined {
    if (this.#isDue()) this.#look();
    if (this.#found === undefined) this.#given += 1;
    return this.#found;
  }

  #isDue(): boolean {
    if (this.#now() - this.#looked >= LOOK_MS) return true;
    const most = this.#descriptors + this.#given * DESCRIPTORS_EACH;
    return this.#found === undefined && most >= this.#ceilings.descriptors;
  }

  #look(): void {
    const { memory, descriptors } = this.#read();
    this.#looked = this.#now();
    this.#descriptors = descriptors;
    this.#given = 0;
    const isFull = descriptors >= this.#ceilings.descriptors;
    this.#found = isFull ? 'no-descriptors' : memory >= this.#ceilings.memory ? 'no-memory' : undefined;
  }
}

/** Not the resident size: freed memory that the C library keeps for the next buffer would have a relay refuse for ever. */
export function readUsage(): Usage {
  const { heapUsed, external } = process.memoryUsage();
  return { memory: heapUsed + external, descriptors: openDescriptors() };
}

export function readSystem(): { memory: number | undefined; descriptors: number } {
  const constrained = process.constrainedMemory();
  // Without a limit there is none, or one larger than the machine.
  const memory = constrained > 0 && constrained < 2 ** 50 ? constrained : undefined;
  return { memory, descriptors: maxDescriptors() };
}

function openDescriptors(): number {
  try {
    return readdirSync('/proc/self/fd').length;
  } catch {
    return 0;
  }
}

/** The soft limit, which Node raises to the hard one when it starts. */
function maxDescriptors(): number {
  try {
    return Number(/^Max open files\s+(\d+)/m.exec(readFileSync('/proc/self/limits', 'utf8'))?.[1] ?? USUAL_DESCRIPTORS);
  } catch {
    return USUAL_DESCRIPTORS;
  }
}

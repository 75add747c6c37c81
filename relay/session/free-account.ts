// The free quota as what pays for one peer: bytes are taken from the ledger a step ahead, so that what was served is on the disk before it is served.
// The address is held for as long as the account is and stands nowhere else.

import type { FreeQuota } from '../ledger/free-quota.ts';
import { Account } from './account.ts';
import { FREE_STEP } from './limits.ts';
import type { Clock } from './parts.ts';

export type FreeAccountInit = {
  quota: FreeQuota;
  address: string;
  bytesPerDay: bigint;
  /** Bytes between two counts that are told. */
  incrementBytes: bigint;
  clock: Clock;
  stallLimitMs: number;
};

export class FreeAccount extends Account {
  readonly #init: FreeAccountInit;
  /** Bytes since this was made: taken from the ledger, and told. */
  #granted = 0;
  #told = 0;
  /** What was left in the ledger when it was last asked. */
  #left = 0n;
  #taking: Promise<void> | undefined;

  constructor(init: FreeAccountInit) {
    super(init.clock, init.stallLimitMs);
    this.#init = init;
  }

  /** Asks the ledger what is left today, and takes the first step of it. Throws `LedgerError`. */
  start(): Promise<void> {
    this.#taking ??= this.#take().finally(() => (this.#taking = undefined));
    return this.#taking;
  }

  get freeBytes(): bigint {
    const rest = BigInt(this.#granted - this.bytes) + this.#left;
    return rest > 0n ? rest : 0n;
  }

  protected mayPass(): boolean {
    if (this.bytes - this.#told >= Number(this.#init.incrementBytes)) this.#tell();
    if ((this.#granted - this.bytes) * 2 < FREE_STEP) {
      // Nothing is given where the ledger cannot be written: the tunnels wait.
      this.start().catch(() => undefined);
    }
    return this.bytes < this.#granted;
  }

  protected stalled(): void {
    if (this.#taking === undefined) this.#tell();
  }

  #tell(): void {
    this.#told = this.bytes;
    this.tellCounted();
  }

  async #take(): Promise<void> {
    const { quota, address, bytesPerDay, clock } = this.#init;
    // Also what passed beyond the last step while the answer was awaited.
    const over = Math.max(0, this.bytes - this.#granted);
    const ahead = this.#granted - this.bytes;
    const wanted = ahead * 2 < FREE_STEP ? FREE_STEP + over : 0;
    const { granted, left } = await quota.take(address, BigInt(wanted), bytesPerDay, clock.now());
    this.#granted += Number(granted);
    this.#left = left;
    if (this.bytes < this.#granted) this.more();
    else if (this.isWaitedFor) this.#tell();
  }
}

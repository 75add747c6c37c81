// What a fault does to the world, and how it is undone. One function for each kind; the oracles stand in run-fault.ts.

import type { Draw } from './draw.ts';
import type { Session } from './session.ts';

export type Inflicted = {
  /** Ends the fault; the world is whole again, or is being made so (`Session.mending`). */
  undo: () => Promise<void>;
  /** When the fault was in force, ms since the epoch; from then on `none` means none. */
  since: number;
  /**
   * Until when nothing could be closed, ms since the epoch. Chromium obeys a PAC that nobody but this extension itself could empty, and an
   * extension that was disabled while it held the proxy and is enabled again, before it tells: private packets of that moment go direct,
   * are counted apart and printed, and not asserted.
   */
  openUntil?: number;
  /** While no tab was private, or another profile took over, ms since the epoch: what the browser then sends is no matter of ours. */
  unsteered?: { from: number; until: number };
  /** Figures of this one, ms (report.ts). */
  measured?: Measured;
};

export type Measured = {
  /** The worker was killed until its state and the badge were right again. */
  workerBack?: number;
  /** A private request while the worker was dead, against the one just before. */
  deadDelay?: number;
  /** An entry or exit was killed until the private tab had loaded again. */
  loadedAgain?: number;
};

export type Inflict = (session: Session, draw: Draw) => Promise<Inflicted>;

/** A fault that is over as soon as it has happened. */
export function happened(undo: () => Promise<void> = () => Promise.resolve()): Inflicted {
  return { undo, since: Date.now() };
}

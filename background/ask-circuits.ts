// Asks circuits that were verified whether they still stand, all at once, and tells which of them answers first enough. Changes nothing.
// Called by background/circuits.ts whenever something failed or is slow, and on a beat.

import type { Circuit } from '../src/core/circuit/choose-circuit.ts';
import { CHECK_MS, LEAD_MS, PROBE_MS } from '../src/core/circuit/durations.ts';
import type { Clock } from '../src/ports/host.ts';
import type { Verify } from './verify.ts';

export type Asked = {
  /** Index of the one to use: the first one, unless it failed, or was silent for `PROBE_MS` while another answered. Undefined: none answered. */
  winner: number | undefined;
  /** Which ones were known to have failed when that was decided. */
  failed: ReadonlySet<number>;
  /** Which ones have failed when all are done. */
  end: Promise<ReadonlySet<number>>;
};

export type AskDeps = { verify: Verify; clock: Clock };

/** @param signal ends the question; circuits that have not answered then count as failed */
export async function askCircuits(
  circuits: readonly Circuit[],
  signal: AbortSignal,
  { verify, clock }: AskDeps,
): Promise<Asked> {
  const failed = new Set<number>();
  const stood = new Set<number>();
  const { promise: decided, resolve: decide } = Promise.withResolvers<number | undefined>();
  let patient = true;
  let led = false;

  const look = (): void => {
    if (stood.has(0)) decide(0);
    else if (failed.has(0) || (!patient && led)) {
      const other = circuits.findIndex((_, index) => stood.has(index));
      if (other >= 0) decide(other);
    }
    if (failed.size === circuits.length) decide(undefined);
  };

  const patience = clock.timeout(PROBE_MS);
  patience.addEventListener('abort', () => {
    patient = false;
    look();
  });
  const limit = AbortSignal.any([signal, clock.timeout(CHECK_MS)]);
  const asked = circuits.map(async (circuit, index) => {
    const verdict = await verify(circuit, { signal: limit });
    (verdict === 'verified' ? stood : failed).add(index);
    // On a busy machine all are late alike: only one that is well ahead tells that the first is silent.
    if (index > 0 && verdict === 'verified') {
      clock.timeout(LEAD_MS).addEventListener('abort', () => {
        led = true;
        look();
      });
    }
    look();
  });
  const end = Promise.all(asked).then(() => failed);
  return { winner: await decided, failed: new Set(failed), end };
}

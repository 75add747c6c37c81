// Asks circuits that were verified whether they still stand, all at once, and tells which of those in use do not answer soon enough. Changes nothing.
// Called by background/circuits.ts whenever something failed or is slow, and on a beat.

import type { Circuit } from '../src/core/circuit/choose-circuit.ts';
import { CHECK_MS, LEAD_MS, PROBE_MS } from '../src/core/circuit/durations.ts';
import type { Clock } from '../src/ports/host.ts';
import type { Verify } from './verify.ts';

/** By index, as of when it was decided. */
export type Asked = {
  stood: ReadonlySet<number>;
  /** How long the answers of those took, by proxy host, ms. */
  took: ReadonlyMap<string, number>;
  /** Those that failed, and those in use that were silent for `PROBE_MS` while another had answered well before. */
  gone: ReadonlySet<number>;
  /** Which ones have failed when all are done. */
  end: Promise<ReadonlySet<number>>;
};

export type AskDeps = { verify: Verify; clock: Clock };

/**
 * Decides as soon as it is known of each that is in use, and that one stands or none does.
 * @param inUse whether pages wait for it: the others are spares, and may take their time
 * @param signal ends the question; circuits that have not answered then count as failed
 */
export async function askCircuits(
  circuits: readonly Circuit[],
  inUse: (circuit: Circuit) => boolean,
  signal: AbortSignal,
  { verify, clock }: AskDeps,
): Promise<Asked> {
  const failed = new Set<number>();
  const stood = new Set<number>();
  const took = new Map<string, number>();
  const { promise: decided, resolve: decide } = Promise.withResolvers<undefined>();
  const used = circuits.flatMap((circuit, index) => (inUse(circuit) ? [index] : []));
  let patient = true;
  let led = false;

  const isSettled = (index: number): boolean => stood.has(index) || failed.has(index) || (!patient && led);
  const look = (): void => {
    if (used.every(isSettled) && (stood.size > 0 || failed.size === circuits.length)) decide(undefined);
  };

  const patience = clock.timeout(PROBE_MS);
  patience.addEventListener('abort', () => {
    patient = false;
    look();
  });
  const limit = AbortSignal.any([signal, clock.timeout(CHECK_MS)]);
  const asked = circuits.map(async (circuit, index) => {
    const since = clock.now();
    const verdict = await verify(circuit, { signal: limit });
    (verdict === 'verified' ? stood : failed).add(index);
    if (verdict === 'verified') took.set(circuit.proxyHost, Math.max(0, clock.now() - since));
    // On a busy machine all are late alike: only one that is well ahead tells that another is silent.
    if (verdict === 'verified') {
      clock.timeout(LEAD_MS).addEventListener('abort', () => {
        led = true;
        look();
      });
    }
    look();
  });
  const end = Promise.all(asked).then(() => failed);
  await decided;
  return { stood: new Set(stood), took, gone: new Set([...failed, ...used.filter((index) => !stood.has(index))]), end };
}

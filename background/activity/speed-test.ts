// A speed test of the circuit in use: round trips, then bytes down, then bytes up, all with the exit itself. One at a time, in memory: a worker that dies takes it along, and
// the popup sees by its name that it is gone. It moves nothing else, and ends by itself. Built in background/app.ts.

import {
  bitsPerSecond,
  DIRECTION_MS,
  DOWN_BYTES,
  median,
  ROUND_TRIPS,
  UP_BYTES,
} from '../../src/core/activity/speed.ts';
import type { SpeedFailure, SpeedView } from '../../src/core/activity/speed.ts';
import { checkHostOf, circuitCheckUrl } from '../../src/core/circuit/circuit-check.ts';
import { circuitsInUse } from '../../src/core/circuit/circuit-state.ts';
import { CHECK_MS } from '../../src/core/circuit/durations.ts';
import { speedUrl } from '../../src/core/circuit/speed-test.ts';
import { circuitCell } from '../../src/core/state/cells.ts';
import { toHex } from '../../src/core/wallet/hex.ts';
import type { Cells } from '../../src/ports/cells.ts';
import type { Chance, Clock, ProxiedFetch } from '../../src/ports/host.ts';
import { TransferError, type Transfers } from '../../src/ports/transfers.ts';

export type SpeedTest = {
  /** Begins one, or answers with the one that runs. */
  start: () => SpeedView;
  cancel: () => SpeedView;
  view: () => SpeedView;
};

export type SpeedTestDeps = { cells: Cells; clock: Clock; chance: Chance; fetch: ProxiedFetch; transfers: Transfers };

const NONCE_BYTES = 32;
const RUN_BYTES = 8;
/** What an exit says that has no speed test, and one that wants a pause. */
const FAILURE_OF_STATUS: Partial<Record<number, SpeedFailure>> = { 400: 'not-offered', 429: 'too-often' };

export function createSpeedTest({ cells, clock, chance, fetch, transfers }: SpeedTestDeps): SpeedTest {
  let view: SpeedView = { is: 'none' };
  let running: AbortController | undefined;

  const inUse = async (): Promise<string | undefined> => circuitsInUse(await cells.read(circuitCell))[0]?.proxyHost;

  const roundTrip = async (host: string, cancel: AbortSignal): Promise<number> => {
    const nonce = toHex(chance.bytes(NONCE_BYTES));
    const begun = performance.now();
    await fetch.json(circuitCheckUrl(nonce, host), { signal: AbortSignal.any([cancel, clock.timeout(CHECK_MS)]) });
    return performance.now() - begun;
  };

  const measure = async (run: string, host: string, cancel: AbortSignal): Promise<SpeedView> => {
    let bytes = 0;
    const at = (phase: 'down' | 'up'): void => {
      view = { is: 'running', run, phase, bytes };
    };
    await roundTrip(host, cancel);
    const trips: number[] = [];
    while (trips.length < ROUND_TRIPS) trips.push(await roundTrip(host, cancel));
    const latencyMs = median(trips);
    at('down');
    const came = await transfers.down(speedUrl(host, DOWN_BYTES), {
      ...{ cancel, until: clock.timeout(DIRECTION_MS) },
      onBytes: (more) => {
        bytes += more;
        at('down');
      },
    });
    at('up');
    const inTime = clock.timeout(DIRECTION_MS);
    const went = await transfers
      .up(speedUrl(host), UP_BYTES, { signal: AbortSignal.any([cancel, inTime]) })
      .catch((error: unknown) => {
        // A slow line up is no reason to forget what was measured down.
        if (inTime.aborted && !cancel.aborted) return undefined;
        throw error;
      });
    return {
      ...{ is: 'done', run, latencyMs, downBitsPerSecond: bitsPerSecond(came.bytes, came.ms) },
      upBitsPerSecond: went === undefined ? null : bitsPerSecond(UP_BYTES, went.ms - latencyMs),
    };
  };

  const failureOf = (error: unknown, cancel: AbortSignal): SpeedFailure => {
    if (cancel.aborted) return 'cancelled';
    return (error instanceof TransferError ? FAILURE_OF_STATUS[error.status] : undefined) ?? 'no-answer';
  };

  const runOnce = async (run: string, cancel: AbortSignal): Promise<SpeedView> => {
    const proxyHost = await inUse();
    if (proxyHost === undefined) return { is: 'failed', run, why: 'no-circuit' };
    const outcome = await measure(run, checkHostOf(proxyHost), cancel).catch((error: unknown): SpeedView => ({
      is: 'failed',
      run,
      why: failureOf(error, cancel),
    }));
    const isSame = (await inUse()) === proxyHost;
    return isSame || cancel.aborted ? outcome : { is: 'failed', run, why: 'circuit-changed' };
  };

  return {
    view: () => view,
    start: () => {
      if (running !== undefined) return view;
      const current = new AbortController();
      running = current;
      const run = toHex(chance.bytes(RUN_BYTES));
      view = { is: 'running', run, phase: 'latency', bytes: 0 };
      void runOnce(run, current.signal)
        .catch((): SpeedView => ({ is: 'failed', run, why: 'no-answer' }))
        .then((outcome) => {
          view = outcome;
          running = undefined;
        });
      return view;
    },
    cancel: () => {
      running?.abort();
      if (view.is === 'running') view = { is: 'failed', run: view.run, why: 'cancelled' };
      return view;
    },
  };
}

// How long an exit waits before it dials an entry again. Pure.

const FIRST_MS = 500;
/** An entry that restarts is found again within half a minute, whatever came before. */
export const MAX_BACKOFF_MS = 30_000;

/**
 * Doubles with each failure up to the cap, and takes half to all of it by the draw, so that the exits of a restarted entry do not all come at once.
 * @param failures dials that failed in a row, from 1
 * @param draw a fresh random number, 0 <= draw < 1
 */
export function backoffMs(failures: number, draw: number): number {
  const full = Math.min(MAX_BACKOFF_MS, FIRST_MS * 2 ** Math.max(0, failures - 1));
  return full / 2 + (full / 2) * draw;
}

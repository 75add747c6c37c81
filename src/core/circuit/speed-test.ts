// The bytes that an exit sends and takes for a speed test: where, and how many at most. Shared by both sides so that they cannot drift: docs/protocol/speed-test.md.
// Only names of one circuit have them: pages can ask none of those, and so none can spend its visitor's money by them.

import { isWithinOneCircuit } from './circuit-check.ts';

export const SPEED_PATH = '/bytes';

/** One direction of one test: a second of a line of 200 Mbit/s. More would only cost. */
export const MAX_SPEED_BYTES = 25_000_000;

/** @param host the check host of one circuit (`checkHostOf`) @param count bytes to send; left out: to take them */
export function speedUrl(host: string, count?: number): string {
  return `http://${host}${SPEED_PATH}${count === undefined ? '' : `?count=${count}`}`;
}

/** How many bytes are asked for; undefined where that is none or too many. @param text of `count` */
export function parseSpeedCount(text: string | null): number | undefined {
  if (text === null || !/^[1-9]\d{0,7}$/.test(text)) return undefined;
  return Number(text) <= MAX_SPEED_BYTES ? Number(text) : undefined;
}

/** Whether a URL is one of a speed test: its bytes are counted, unlike the few of the worker's other questions. */
export function isSpeedUrl(url: string): boolean {
  if (!url.startsWith('http://') || !URL.canParse(url)) return false;
  const { hostname, port, pathname } = new URL(url);
  return port === '' && pathname === SPEED_PATH && isWithinOneCircuit(hostname);
}

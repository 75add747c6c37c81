// Names of the ports on which the worker pushes. Both ends.

/** Name of the port on which our page in the place of one that waits is told what becomes of it. */
export const HELD_PORT = 'held';

/** Name of the port on which the worker pushes snapshots; the tab to watch follows it: `watch:17`. */
const WATCH = /^watch:(\d{1,15})$/;

export function watchPortName(tab: number): string {
  return `watch:${tab}`;
}

/** The tab that a port watches; undefined for any other port. */
export function parseWatchPortName(name: string): number | undefined {
  const digits = WATCH.exec(name)?.[1];
  return digits === undefined ? undefined : Number(digits);
}

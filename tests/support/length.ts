// Which tests run: `npm test` has twenty minutes on two cores for all there is, so that what waits for half a minute and more runs with `npm run test:long`.

export const isLong = process.env['CONET_LONG'] === '1';

/** How often a property is tried. `npm test` draws a quarter, other ones at every run. */
export function runs(inFull: number): number {
  return isLong ? inFull : Math.ceil(inFull / 4);
}

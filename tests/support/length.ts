// Which tests run: `npm test` has twenty minutes on two cores for all there is, so that what waits for half a minute and more runs with `npm run test:long`.

export const isLong = process.env['CONET_LONG'] === '1';

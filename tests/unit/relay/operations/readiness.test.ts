import { expect, test } from 'vitest';
import { unreadyReasons, type ReadinessFacts } from '../../../../relay/operations/readiness.ts';

const NOW = 1_800_000_000_000;
const ready: ReadinessFacts = {
  started: true,
  draining: false,
  certificates: [{ role: 'exit', notAfter: NOW + 1 }],
  entriesConnected: 1,
};

test.each<[string, Partial<ReadinessFacts>, string[]]>([
  ['all is well', {}, []],
  ['it is being built', { started: false }, ['starting']],
  ['it drains', { draining: true }, ['draining']],
  ['its certificate is over', { certificates: [{ role: 'entry', notAfter: NOW }] }, ['certificate-expired']],
  [
    'nobody knows until when its certificate is',
    { certificates: [{ role: 'entry', notAfter: NaN }] },
    ['certificate-expired'],
  ],
  ['an exit has no entry', { entriesConnected: 0 }, ['no-link-to-an-entry']],
  ['several things are wrong', { draining: true, entriesConnected: 0 }, ['draining', 'no-link-to-an-entry']],
])('%s', (_what, change, reasons) => {
  expect(unreadyReasons({ ...ready, ...change }, NOW)).toEqual(reasons);
});

test('an entry needs no link', () => {
  const { entriesConnected, ...entry } = ready;
  expect(entriesConnected).toBe(1);
  expect(unreadyReasons(entry, NOW)).toEqual([]);
});

import { expect, test } from 'vitest';
import { outwardAddresses } from '../../../../relay/exit/outward-addresses.ts';

const NONE = { source4: undefined, source6: undefined };

test.each([
  ['203.0.114.7', { source4: '203.0.114.7', source6: undefined }],
  ['2a00::1:0', { source4: undefined, source6: '2a00::1:0' }],
  ['::ffff:203.0.114.7', { source4: '203.0.114.7', source6: undefined }],
  ['127.0.1.3', { source4: '127.0.1.3', source6: undefined }],
])('an exit bound to %s says so', (source, said) => {
  expect(outwardAddresses(source)).toEqual(said);
});

test.each([undefined, '', '10.0.0.5', '192.168.1.2', '100.64.0.1', 'fd00::1', 'fe80::1', '0.0.0.0', '::'])(
  'one bound to %s cannot know what sites see, and names nothing of its network',
  (source) => {
    expect(outwardAddresses(source)).toEqual(NONE);
  },
);

// The response limit: a network is answered up to its allowance, then now and then told to come over TCP; others are not touched, and memory is bounded.

import { expect, test } from 'vitest';
import { networkOf, ResponseLimit } from '../../../../../relay/zone/dns/response-limit.ts';

const LIMITS = { burst: 3, perSecond: 2, slip: 2, keys: 2 };

test('a network has its burst, then every second answer is cut and the others are not sent', () => {
  const limit = new ResponseLimit(LIMITS);
  const verdicts = Array.from({ length: 7 }, (_, index) => limit.take(`192.0.2.${index}`, 0));
  expect(verdicts).toEqual(['answer', 'answer', 'answer', 'drop', 'cut', 'drop', 'cut']);
  expect(limit.take('198.51.100.1', 0)).toBe('answer');
});

test('the allowance comes back with time', () => {
  const limit = new ResponseLimit(LIMITS);
  for (let count = 0; count < 4; count += 1) limit.take('192.0.2.1', 0);
  expect(limit.take('192.0.2.1', 500)).toBe('answer');
  expect(limit.take('192.0.2.1', 500)).not.toBe('answer');
});

test('of more networks than are kept, the one that asked longest ago is forgotten', () => {
  const limit = new ResponseLimit(LIMITS);
  for (let count = 0; count < 4; count += 1) limit.take('192.0.2.1', 0);
  limit.take('198.51.100.1', 0);
  expect(limit.take('192.0.2.1', 0)).toBe('cut');
  limit.take('203.0.113.1', 0); // forgets 198.51.100.0/24
  expect(limit.take('192.0.2.1', 0)).toBe('drop');
});

test.each([
  ['192.0.2.1', '192.0.2.200', true],
  ['192.0.2.1', '192.0.3.1', false],
  ['::ffff:192.0.2.1', '192.0.2.9', true],
  ['2001:db8:0:100::1', '2001:db8:0:1ff::2', true],
  ['2001:db8:0:100::1', '2001:db8:0:200::1', false],
  ['fe80::1%eth0', 'fe80::2%eth1', true],
  ['nonsense', 'other nonsense', true],
])('%s and %s are of one network: %s', (one, other, same) => {
  expect(networkOf(one) === networkOf(other)).toBe(same);
});

// A stranger who says that a relay is on the person's own network is not believed.

import { expect, test } from 'vitest';
import { isReachable, isReachableRelay } from '../../../../src/core/directory/reachable.ts';
import { descriptorOf, relayKeys } from '../../../support/descriptors.ts';

const BASE = 8453;
const DEVNET = 31_337;

test.each([
  ...['127.0.0.1', '10.1.2.3', '172.16.0.1', '192.168.1.1', '169.254.1.1', '100.64.0.1', '0.0.0.0', '224.0.0.1'],
  ...['::1', '::', 'fe80::1', 'fc00::1', 'ff02::1', '::ffff:192.168.1.1', '::ffff:127.0.0.1'],
])('%s is nobody’s relay but on a chain for development', (address) => {
  expect(isReachable(address, BASE)).toBe(false);
  expect(isReachable(address, DEVNET)).toBe(true);
});

test.each(['198.18.0.1', '9.9.9.9', '2600::1'])('%s', (address) => {
  expect(isReachable(address, BASE)).toBe(!address.startsWith('198.18'));
});

test('one such address among several is enough', async () => {
  const one = descriptorOf(await relayKeys(1));
  const entry = { ...one.entry!, addresses: ['9.9.9.9', '2600::1'] };
  expect(isReachableRelay({ ...one, chainId: BASE, entry })).toBe(true);
  const mixed = { ...entry, addresses: ['9.9.9.9', '192.168.1.1'] };
  expect(isReachableRelay({ ...one, chainId: BASE, entry: mixed })).toBe(false);
});

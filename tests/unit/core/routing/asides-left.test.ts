// A rule that was put aside in a tab is in force again as soon as the tab asks for a page elsewhere, whatever policy still says so.

import { expect, test } from 'vitest';
import { createAsidesLeft } from '../../../../src/core/routing/asides-left.ts';
import { plainPolicy } from '../../../support/routing.ts';

const TAB = 7;
const policy = {
  ...plainPolicy,
  rulesAside: [
    { tab: TAB, host: 'shop.test' },
    { tab: 8, host: 'shop.test' },
  ],
};

test('a page of the same site leaves nothing, nor does a tab without one', () => {
  const asides = createAsidesLeft();
  expect(asides.opens(policy, TAB, 'www.shop.test')).toBe(false);
  expect(asides.opens(policy, 9, 'news.test')).toBe(false);
  expect(asides.apply(policy)).toBe(policy);
});

test('a page of another site ends it in that tab alone, in every policy that still has it', () => {
  const asides = createAsidesLeft();
  expect(asides.opens(policy, TAB, 'news.test')).toBe(true);
  expect(asides.apply(policy).rulesAside).toEqual([{ tab: 8, host: 'shop.test' }]);
  expect(asides.apply({ ...policy }).rulesAside).toEqual([{ tab: 8, host: 'shop.test' }]);
});

test('once it is out of force it can be put aside anew', () => {
  const asides = createAsidesLeft();
  asides.opens(policy, TAB, 'news.test');
  asides.apply(plainPolicy);
  expect(asides.apply(policy).rulesAside).toEqual(policy.rulesAside);
});

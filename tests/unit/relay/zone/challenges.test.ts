// What relays leave for their certificate authorities: kept for an hour, the last four of each, and gone then.

import { expect, test } from 'vitest';
import { createChallenges } from '../../../../relay/zone/challenges.ts';

const HOUR_MS = 3_600_000;

test('a value is there for an hour, beside others of the same relay', () => {
  let now = 0;
  const challenges = createChallenges(() => now);
  challenges.put('one', 'a');
  now = HOUR_MS / 2;
  challenges.put('one', 'b');
  challenges.put('other', 'c');
  expect(challenges.get('one')).toEqual(['a', 'b']);
  now = HOUR_MS;
  expect(challenges.get('one')).toEqual(['b']);
  now = 2 * HOUR_MS;
  expect([challenges.get('one'), challenges.get('other'), challenges.get('nobody')]).toEqual([[], [], []]);
});

test('a relay has four at most, the newest, and the same one once', () => {
  const challenges = createChallenges(() => 0);
  for (const value of ['a', 'b', 'c', 'b', 'd', 'e']) challenges.put('one', value);
  expect(challenges.get('one')).toEqual(['c', 'b', 'd', 'e']);
});

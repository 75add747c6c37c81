// The oracle of "never green while there is no way": what it takes for a fault, and what not.

import { expect, test } from 'vitest';
import { greenings } from '../../leak/faults/badge-watch.ts';

const watch = (...texts: string[]) => texts.map((text, at) => ({ at, text }));

test('a badge that turns green while the way is gone is seen', () => {
  expect(greenings(watch('ON', '!', '!', 'ON', '!'), 'ON', 1, 10)).toEqual([3]);
});

test('one that was green before, before or after the time, or never, is not', () => {
  expect(greenings(watch('ON', 'ON', '…', '!'), 'ON', 1, 10)).toEqual([]);
  expect(greenings(watch('!', 'ON', '!', '!', 'ON'), 'ON', 1, 3)).toEqual([]);
  expect(greenings(watch('!', '…', '!'), 'ON', 0, 3)).toEqual([]);
});

test('one that is drawn again after the page changed is not, whatever was before it is', () => {
  expect(greenings(watch('ON', '', 'ON', ''), 'ON', 0, 10)).toEqual([]);
  expect(greenings(watch('ON', '!', '', 'ON'), 'ON', 1, 10)).toEqual([3]);
});

// The pages that ask all the time: their script is text that must run as it is sent.

import { Script } from 'node:vm';
import { expect, test } from 'vitest';
import { askedAt, homeOf, isAskedBy, trafficUrl } from '../../leak/faults/traffic.ts';

test('the script of a page parses, and knows whose it is', () => {
  const body = new URL(trafficUrl('p', 'r1', 'n-home-r1.test')).searchParams.get('body') ?? '';
  const script = /<script>(.*)<\/script>/s.exec(body)?.[1] ?? '';
  expect(() => new Script(script)).not.toThrow();
  expect(script).toContain('"n-home-r1.test"');
});

test('a host belongs to the tab that asks for it, also below the home of the other', () => {
  expect(isAskedBy('p', homeOf('p', 'r1'))).toBe(true);
  expect(isAskedBy('p', `p-img-1.${homeOf('n', 'r1')}`)).toBe(true);
  expect(isAskedBy('n', `p-img-1.${homeOf('n', 'r1')}`)).toBe(false);
  expect(isAskedBy('n', 'news.example')).toBe(false);
});

test('a host tells when it was asked for', () => {
  const now = Date.now();
  const unique = `n-img-${now.toString(36)}-17`;
  expect(askedAt(`${unique}.${homeOf('n', 'r1')}`)).toBe(now);
  expect(askedAt(`${unique}-r1.test`)).toBe(now);
  expect(askedAt(homeOf('n', 'r1'))).toBeUndefined();
});

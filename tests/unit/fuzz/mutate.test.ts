// What is drawn comes from the seed alone, and differs from what it was made of.

import { expect, test } from 'vitest';
import { sessionMessages } from '../../fuzz/corpus/session.ts';
import { dnsQueries } from '../../fuzz/corpus/dns.ts';
import { ownRequests } from '../../fuzz/corpus/http.ts';
import { mutate, type Form } from '../../fuzz/mutate.ts';
import { randomOf } from '../../fuzz/surface.ts';

const CORPORA: [Form, Buffer[]][] = [
  ['protobuf', sessionMessages('payer')],
  ['bytes', dnsQueries('zone.test')],
  ['text', ownRequests('relay', ['/a'])],
];
const ROUNDS = 500;

test.each(CORPORA)(
  '%s: the same seed, surface and round give the same inputs, another round others',
  (form, corpus) => {
    const draw = (round: number): string[] => {
      const random = randomOf(7, 'a surface', round);
      return Array.from({ length: ROUNDS }, () => mutate(random, form, corpus).toString('base64'));
    };
    const once = draw(1);
    expect(draw(1)).toEqual(once);
    expect(draw(2)).not.toEqual(once);
    const known = new Set(corpus.map((bytes) => bytes.toString('base64')));
    expect(once.filter((bytes) => known.has(bytes)).length).toBeLessThan(ROUNDS / 10);
  },
);

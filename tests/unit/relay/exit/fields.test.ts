// Which header fields cross the exit. What is taken out concerns one hop; nothing is ever put in.

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  endToEnd,
  endToEndTrailers,
  flatten,
  joinCookies,
  toFields,
  type Field,
} from '../../../../relay/exit/fields.ts';

describe('fields of one hop', () => {
  test('the known ones, Proxy-*, and those that Connection names are taken out, in any letter case', () => {
    const fields: Field[] = [
      ['Accept', '*/*'],
      ['Connection', 'close, X-Secret'],
      ['CONNECTION', 'x-other'],
      ['x-secret', '1'],
      ['X-OTHER', '2'],
      ['Keep-Alive', 'timeout=5'],
      ['TE', 'trailers'],
      ['Transfer-Encoding', 'chunked'],
      ['Upgrade', 'h2c'],
      ['HTTP2-Settings', 'AAA'],
      ['Proxy-Authorization', 'Basic x'],
      ['proxy-anything', 'x'],
      ['Proxy-Connection', 'keep-alive'],
      ['Cookie', 'a=b'],
    ];
    expect(endToEnd(fields)).toEqual([
      ['Accept', '*/*'],
      ['Cookie', 'a=b'],
    ]);
  });

  test('Connection cannot take out what frames or describes the content', () => {
    const fields: Field[] = [
      ['Connection', 'content-length, authorization, content-type'],
      ['Content-Length', '3'],
      ['Authorization', 'x'],
      ['Content-Type', 'text/plain'],
    ];
    expect(endToEnd(fields)).toEqual(fields.slice(1));
  });

  test('what remains is the rest, in its order, with its repetitions, and nothing more', () => {
    const name = fc.constantFrom('Accept', 'Set-Cookie', 'Connection', 'X-A', 'x-b', 'TE', 'Proxy-X', 'Upgrade', 'Via');
    fc.assert(
      fc.property(fc.array(fc.tuple(name, fc.constantFrom('x-a', 'close', 'v', 'x-b, v'))), (fields) => {
        const kept = endToEnd(fields);
        let from = 0;
        for (const field of kept) {
          const at = fields.findIndex((other, index) => index >= from && other === field);
          expect(at).not.toBe(-1);
          from = at + 1;
        }
        expect(kept.some(([key]) => /^(connection|te|upgrade|proxy-.*)$/i.test(key))).toBe(false);
      }),
    );
  });

  test('a trailer section carries no framing, no cookies, no credentials', () => {
    const fields: Field[] = [
      ['X-Checksum', 'abc'],
      ['Content-Length', '9'],
      ['Set-Cookie', 'a=b'],
      ['Transfer-Encoding', 'chunked'],
      ['Host', 'other.example'],
    ];
    expect(endToEndTrailers(fields)).toEqual([['X-Checksum', 'abc']]);
  });
});

test('crumbs of a cookie become one field where the first one stood', () => {
  const fields: Field[] = [
    ['a', '1'],
    ['cookie', 'x=1'],
    ['b', '2'],
    ['cookie', 'y=2'],
  ];
  expect(joinCookies(fields)).toEqual([
    ['a', '1'],
    ['cookie', 'x=1; y=2'],
    ['b', '2'],
  ]);
});

test('the flat form and the pairs are the same list', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.string(), fc.string())), (fields) => {
      expect(toFields(flatten(fields))).toEqual(fields);
    }),
  );
});

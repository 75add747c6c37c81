// What relays say about data connections: any number of keys comes back as it went, and anything else is a WireError and nothing worse.

import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  decodeDataKeys,
  decodeKeyCount,
  encodeDataKeys,
  MAX_ANSWER_BYTES,
  MAX_KEYS,
} from '../../../../relay/data/protocol.ts';
import { WireError } from '../../../../src/core/wire/wire-error.ts';

const bytes = (length: number) => fc.uint8Array({ minLength: length, maxLength: length });
const key = fc.record({
  id: bytes(16).map((id) => Buffer.from(id).toString('hex')),
  psk: bytes(32).map((psk) => Buffer.from(psk)),
});
const keys = fc.array(key, { maxLength: MAX_KEYS });
const port = fc.integer({ min: 1, max: 65_535 });

test('keys and port come back as they went, in no more than an answer may have', () => {
  fc.assert(
    fc.property(port, keys, (thePort, all) => {
      const answer = encodeDataKeys(thePort, all);
      expect(answer.length).toBeLessThanOrEqual(MAX_ANSWER_BYTES);
      expect(decodeDataKeys(answer, MAX_KEYS)).toEqual({ port: thePort, keys: all });
    }),
  );
});

test('an answer of any bytes is keys or a WireError', () => {
  fc.assert(
    fc.property(
      fc.uint8Array({ maxLength: MAX_ANSWER_BYTES + 100 }),
      fc.integer({ min: 1, max: MAX_KEYS }),
      (any, most) => {
        try {
          const answer = decodeDataKeys(any, most);
          expect(answer.keys.length).toBeLessThanOrEqual(most);
          expect(answer.port).toBeGreaterThan(0);
        } catch (error) {
          expect(error).toBeInstanceOf(WireError);
        }
      },
    ),
  );
});

test.each([
  ['more keys than were asked for', encodeDataKeys(443, [{ id: '00'.repeat(16), psk: Buffer.alloc(32) }]), 0],
  ['half a key', new Uint8Array(2 + 40).fill(1), 1],
  ['no port', encodeDataKeys(0, []), 1],
  ['nothing', new Uint8Array(0), 1],
])('%s: no answer', (_, answer, most) => {
  expect(() => decodeDataKeys(answer, most)).toThrow(WireError);
});

test.each([[[]], [[0]], [[MAX_KEYS + 1]], [[1, 1]]])('a question of the bytes %j is none', (question) => {
  expect(() => decodeKeyCount(Uint8Array.from(question))).toThrow(WireError);
});

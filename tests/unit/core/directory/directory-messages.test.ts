// The question and the pages of the directory: read as they were written, by us and by another implementation of the schema elsewhere, and refused by name where they are wrong.

import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  decodePage,
  decodeQuestion,
  encodePage,
  encodeQuestion,
  type DirectoryPage,
} from '../../../../src/core/directory/directory-messages.ts';
import { DirectoryError } from '../../../../src/core/directory/directory-error.ts';
import { encodeField } from '../../../../src/core/wire/protobuf.ts';

const mark = fc.record({
  epoch: fc
    .uint8Array({ minLength: 16, maxLength: 16 })
    .map((bytes) => `0x${Buffer.from(bytes).toString('hex')}` as const),
  version: fc.nat(2 ** 31 - 1),
});
const bytes = fc.uint8Array({ minLength: 1, maxLength: 500 });
const page: fc.Arbitrary<DirectoryPage> = fc.record({
  mark,
  isLast: fc.boolean(),
  time: fc.nat(2 ** 31 - 1),
  columns: fc.option(fc.record({ descriptors: bytes, signatures: bytes }), { nil: undefined }),
});

test('what is written is read', () => {
  fc.assert(
    fc.property(mark, page, (asked, answer) => {
      expect(decodeQuestion(encodeQuestion(asked))).toEqual(asked);
      expect(decodePage(encodePage(answer))).toEqual(answer);
    }),
  );
  expect(decodeQuestion(encodeQuestion(undefined))).toBeUndefined();
});

test.each<[string, () => unknown]>([
  ['an epoch without its version', () => decodeQuestion(Uint8Array.from(encodeField(1, new Uint8Array(16))))],
  ['a version of no epoch', () => decodeQuestion(Uint8Array.from(encodeField(2, 1n)))],
  ['a question of nothing', () => decodeQuestion(new Uint8Array(0))],
  [
    'an epoch of another length',
    () => decodeQuestion(Uint8Array.from([...encodeField(1, new Uint8Array(15)), ...encodeField(2, 1n)])),
  ],
  ['a page of nothing', () => decodePage(new Uint8Array(0))],
  [
    'one column alone',
    () =>
      decodePage(
        Uint8Array.from([
          ...encodePage({
            mark: { epoch: `0x${'00'.repeat(16)}`, version: 1 },
            isLast: true,
            time: 1,
            columns: undefined,
          }),
          ...encodeField(4, Uint8Array.of(3, 0)),
        ]),
      ),
  ],
  [
    'a version beyond all counting',
    () => decodeQuestion(Uint8Array.from([...encodeField(1, new Uint8Array(16)), ...encodeField(2, 2n ** 53n)])),
  ],
])('%s is refused', (_, read) => {
  expect(read).toThrow(DirectoryError);
});

test('changed bytes are read or refused by name', () => {
  fc.assert(
    fc.property(page, fc.nat(), fc.nat(255), (answer, at, value) => {
      const changed = encodePage(answer);
      changed[at % changed.length] = value;
      for (const read of [decodePage, decodeQuestion]) {
        try {
          read(changed);
        } catch (error) {
          if (!(error instanceof DirectoryError)) throw error;
        }
      }
    }),
    { numRuns: 2000 },
  );
});

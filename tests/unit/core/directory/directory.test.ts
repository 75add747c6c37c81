// What a directory keeps, and what somebody who asks again gets of it.

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { encodeDescriptor, MAX_VALIDITY_S } from '../../../../src/core/directory/descriptor.ts';
import { Directory, type ReadMark } from '../../../../src/core/directory/directory.ts';
import type { OpenedDescriptor } from '../../../../src/core/directory/open-descriptor.ts';
import { labelOfKey } from '../../../../src/core/directory/peer-key.ts';
import { DAY, descriptorOf } from '../../../support/descriptors.ts';

const PAYEE = `0x${'11'.repeat(20)}` as const;
const NOBODY = { peerSignature: `0x${'00'.repeat(64)}`, payeeSignature: `0x${'00'.repeat(65)}` } as const;

/** As if both keys had signed it. */
function opened(peer: number, sequence: number, change: object = {}): OpenedDescriptor {
  const label = labelOfKey(new Uint8Array(32).fill(peer));
  const descriptor = { ...descriptorOf({ peer: label, payee: PAYEE }), sequence: BigInt(sequence), ...change };
  return { descriptor, signed: { descriptor: encodeDescriptor(descriptor), ...NOBODY } };
}

const [ONE, OTHER] = [`0x${'01'.repeat(16)}`, `0x${'02'.repeat(16)}`] as const;
const peerOf = (number: number): string => labelOfKey(new Uint8Array(32).fill(number));

describe('of one peer', () => {
  test('the highest sequence counts, whatever comes first', () => {
    const directory = new Directory({ epoch: ONE, limit: 10, isVouched: () => true });
    expect(directory.consider(opened(1, 5))).toBe('new');
    expect(directory.consider(opened(1, 5))).toBe('known');
    expect(directory.consider(opened(1, 4))).toBe('older');
    expect(directory.consider(opened(1, 6))).toBe('new');
    expect(directory.get(peerOf(1))?.sequence).toBe(6n);
    expect(directory.size).toBe(1);
  });

  test('of two with one sequence all directories keep the same, in whatever order they come', () => {
    const two = [opened(1, 5, { operator: 'a' }), opened(1, 5, { operator: 'b' })];
    const kept = [two, two.toReversed()].map((order) => {
      const directory = new Directory({ epoch: ONE, limit: 10, isVouched: () => true });
      for (const each of order) directory.consider(each);
      return directory.get(peerOf(1))?.operator;
    });
    expect(kept[0]).toBe(kept[1]);
  });
});

test('a full directory takes no new peer, and displaces none', () => {
  const directory = new Directory({ epoch: ONE, limit: 2, isVouched: () => true });
  directory.consider(opened(1, 1));
  directory.consider(opened(2, 1));
  expect(directory.consider(opened(3, 1))).toBe('full');
  expect(directory.consider(opened(2, 2))).toBe('new');
  expect(directory.descriptors().map(({ peer }) => peer)).toEqual([peerOf(1), peerOf(2)]);
});

test('what is over is forgotten, ten minutes later and not before', () => {
  const directory = new Directory({ epoch: ONE, limit: 10, isVouched: () => true });
  directory.consider(opened(1, 1));
  directory.consider(opened(2, 1, { validFor: 60 }));
  const end = (DAY + 60 + 600) * 1000;
  expect(directory.prune(end - 1)).toBe(0);
  expect(directory.prune(end)).toBe(1);
  expect(directory.descriptors().map(({ peer }) => peer)).toEqual([peerOf(1)]);
  expect(directory.prune((DAY + MAX_VALIDITY_S + 600) * 1000)).toBe(1);
});

describe('who asks again', () => {
  test('gets all where the numbers are of another directory', () => {
    const directory = new Directory({ epoch: ONE, limit: 10, isVouched: () => true });
    directory.consider(opened(1, 1));
    expect(directory.since(undefined)).toHaveLength(1);
    expect(directory.since({ epoch: OTHER, version: 1 })).toHaveLength(1);
    expect(directory.since(directory.mark)).toHaveLength(0);
  });

  test('has the same as the directory after each answer, whatever came between, and no entry comes twice in one', () => {
    const step = fc.record({ peer: fc.integer({ min: 1, max: 12 }), sequence: fc.nat(6), asks: fc.boolean() });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 80 }), (steps) => {
        const directory = new Directory({ epoch: ONE, limit: 10, isVouched: () => true });
        const reader = new Directory({ epoch: OTHER, limit: 10, isVouched: () => true });
        let mark: ReadMark | undefined;
        for (const { peer, sequence, asks } of steps) {
          directory.consider(opened(peer, sequence));
          if (!asks) continue;
          const news = directory.since(mark);
          expect(new Set(news.map(({ signed }) => signed)).size).toBe(news.length);
          expect(news.map(({ version }) => version)).toEqual(
            news.map(({ version }) => version).toSorted((a, b) => a - b),
          );
          for (const entry of news) expect(reader.consider(entry)).toBe('new');
          mark = directory.mark;
          const all = (of: Directory): string[] => of.descriptors().map((each) => `${each.peer} ${each.sequence}`);
          expect(all(reader).toSorted()).toEqual(all(directory).toSorted());
        }
      }),
      { numRuns: 200 },
    );
  });
});

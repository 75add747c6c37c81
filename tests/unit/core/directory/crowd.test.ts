// Of one hand a directory takes so many relays and no more, and nobody can keep out somebody who put down a bond.

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { encodeDescriptor, type RelayDescriptor } from '../../../../src/core/directory/descriptor.ts';
import { Directory } from '../../../../src/core/directory/directory.ts';
import { labelOfKey } from '../../../../src/core/directory/peer-key.ts';
import { descriptorOf } from '../../../support/descriptors.ts';

const EPOCH = `0x${'01'.repeat(16)}` as const;
const NOBODY = { peerSignature: `0x${'00'.repeat(64)}`, payeeSignature: `0x${'00'.repeat(65)}` } as const;

/** A relay like no other, but for what is said. */
function relay(
  number: number,
  change: { payee?: number; operator?: string; network?: number; sequence?: number } = {},
) {
  const key = new Uint8Array(32);
  new DataView(key.buffer).setUint32(0, number);
  const { payee = number, operator = `family-${number}`, network = number, sequence = 1 } = change;
  const one = descriptorOf({ peer: labelOfKey(key), payee: `0x${payee.toString(16).padStart(40, '0')}` });
  const { exit: _exit, zone: _zone, ...rest } = one;
  const addresses = [`10.${network >> 8}.${network & 255}.${1 + (number % 250)}`];
  const descriptor: RelayDescriptor = {
    ...rest,
    operator,
    sequence: BigInt(sequence),
    entry: { ...one.entry!, addresses },
  };
  return { descriptor, signed: { descriptor: encodeDescriptor(descriptor), ...NOBODY } };
}

const taken = (directory: Directory, relays: ReturnType<typeof relay>[]): number =>
  relays.filter((each) => directory.consider(each) === 'new').length;
const many = (count: number, change: Parameters<typeof relay>[1]) =>
  Array.from({ length: count }, (_, number) => relay(number, change));
const LIMIT = 10_000;

describe('a flood of ten thousand', () => {
  test('of one payee leaves 200, bonds or not', () => {
    for (const isVouched of [() => false, () => true])
      expect(taken(new Directory({ epoch: EPOCH, limit: LIMIT, isVouched }), many(LIMIT, { payee: 7 }))).toBe(200);
  });
  test('of one operator leaves 200', () => {
    expect(taken(new Directory({ epoch: EPOCH, limit: LIMIT }), many(LIMIT, { operator: 'flood' }))).toBe(200);
  });
  test('of one network leaves 32', () => {
    expect(taken(new Directory({ epoch: EPOCH, limit: LIMIT }), many(LIMIT, { network: 7 }))).toBe(32);
  });
  test('of ten thousand hands leaves half of the places to those with a bond', () => {
    const bonded = relay(LIMIT + 1);
    const isVouched = ({ peer }: { peer: string }) => peer === bonded.descriptor.peer;
    const directory = new Directory({ epoch: EPOCH, limit: LIMIT, isVouched });
    expect(taken(directory, many(LIMIT, {}))).toBe(LIMIT / 2);
    expect(directory.consider(relay(LIMIT + 2))).toBe('crowded');
    expect(directory.consider(bonded)).toBe('new');
  });
});

test('whoever takes the name or the network of somebody else keeps out nobody with a bond', () => {
  const bonded = relay(9999, { operator: 'famous', network: 7 });
  const isVouched = ({ peer }: { peer: string }) => peer === bonded.descriptor.peer;
  const directory = new Directory({ epoch: EPOCH, limit: LIMIT, isVouched });
  taken(directory, many(500, { operator: 'famous' }));
  taken(
    directory,
    many(900, {}).map((_, at) => relay(1000 + at, { network: 7 })),
  );
  expect(directory.consider(relay(9998, { operator: 'famous' }))).toBe('crowded');
  expect(directory.consider(relay(9998, { network: 7 }))).toBe('crowded');
  expect(directory.consider(bonded)).toBe('new');
});

test('a relay that is there changes what it says, also where it is crowded', () => {
  const directory = new Directory({ epoch: EPOCH, limit: LIMIT });
  taken(directory, many(200, { operator: 'flood' }));
  expect(directory.consider(relay(200, { operator: 'flood' }))).toBe('crowded');
  expect(directory.consider(relay(7, { operator: 'flood', sequence: 2 }))).toBe('new');
  // Its place is free again.
  expect(directory.consider(relay(7, { operator: 'other', sequence: 3 }))).toBe('new');
  expect(directory.consider(relay(200, { operator: 'flood' }))).toBe('new');
});

test('whatever comes and goes, places are counted as they are', () => {
  fc.assert(
    fc.property(
      fc.array(
        fc.record({
          number: fc.integer({ min: 0, max: 400 }),
          operator: fc.constantFrom('a', 'b'),
          sequence: fc.integer({ min: 1, max: 4 }),
        }),
        { maxLength: 800 },
      ),
      (events) => {
        const directory = new Directory({ epoch: EPOCH, limit: LIMIT });
        for (const { number, ...change } of events) directory.consider(relay(number, change));
        for (const [at, operator] of ['a', 'b'].entries()) {
          const there = directory.descriptors().filter((each) => each.operator === operator).length;
          const fits = directory.consider(relay(9998 + at, { operator })) === 'new';
          expect(fits).toBe(there < 200);
        }
      },
    ),
    { numRuns: 50 },
  );
});

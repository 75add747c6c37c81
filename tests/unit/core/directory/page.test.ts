// A page of the directory: its columns give the entries back, and what is none is refused by name.

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { DirectoryError } from '../../../../src/core/directory/directory-error.ts';
import { openDescriptor, type SignedDescriptor } from '../../../../src/core/directory/open-descriptor.ts';
import { fillPage, joinEntries, MAX_PAGE_BYTES, splitEntries } from '../../../../src/core/directory/page.ts';
import { DAY, descriptorOf, DEVNET, KEYS, relayKeys, sign } from '../../../support/descriptors.ts';

const hex = (length: number): fc.Arbitrary<`0x${string}`> =>
  fc
    .uint8Array({ minLength: length, maxLength: length })
    .map((bytes) => `0x${Buffer.from(bytes).toString('hex')}` as const);
const entry: fc.Arbitrary<SignedDescriptor> = fc.record({
  descriptor: fc.uint8Array({ minLength: 1, maxLength: 300 }),
  peerSignature: hex(64),
  payeeSignature: hex(65),
});

const codeOf = (work: () => unknown): string | undefined => {
  try {
    work();
    return undefined;
  } catch (error) {
    if (error instanceof DirectoryError) return error.code;
    throw error;
  }
};

test('the entries come back as they were', () => {
  fc.assert(
    fc.property(fc.array(entry, { maxLength: 60 }), (entries) => {
      expect(splitEntries(joinEntries(entries))).toEqual(entries);
    }),
    { numRuns: 100 },
  );
});

test('as many as fit fill a page, in their order, and pages give all of them', () => {
  fc.assert(
    fc.property(fc.array(entry, { maxLength: 400 }), (entries) => {
      const pages: SignedDescriptor[][] = [];
      let left = entries.map((signed) => ({ signed }));
      while (left.length > 0) {
        const page = fillPage(left).map(({ signed }) => signed);
        const { descriptors, signatures } = joinEntries(page);
        const next = left[page.length];
        // Another one would not have fit.
        if (next !== undefined)
          expect(descriptors.length + signatures.length + next.signed.descriptor.length + 131).toBeGreaterThan(
            MAX_PAGE_BYTES,
          );
        pages.push(page);
        left = left.slice(page.length);
      }
      expect(pages.flat()).toEqual(entries);
    }),
    { numRuns: 50 },
  );
});

test('and open, signatures and all', async () => {
  const keys = await Promise.all([1, 2, 3].map(relayKeys));
  const entries = await Promise.all(keys.map((each) => sign(descriptorOf(each), each)));
  const split = splitEntries(joinEntries(entries));
  const init = { keys: KEYS, chainId: DEVNET.chainId, now: DAY * 1000 };
  const opened = await Promise.all(split.map((each) => openDescriptor(each, init)));
  expect(opened.map(({ descriptor }) => descriptor.peer)).toEqual(keys.map(({ peer }) => peer));
  // A page that gives one relay's signatures to another is no page of theirs.
  const columns = joinEntries(entries);
  const turned = Buffer.concat([columns.signatures.subarray(129), columns.signatures.subarray(0, 129)]);
  const [first] = splitEntries({ ...columns, signatures: turned });
  await expect(openDescriptor(first!, init)).rejects.toMatchObject({ code: 'bad-signature' });
});

test('columns that are not of the same entries, and pages too long', () => {
  // Of a length whose bytes are no other entry's when they are shifted.
  const [one] = fc.sample(entry, { numRuns: 1, seed: 7 });
  const whole = joinEntries([one!, one!]);
  expect(codeOf(() => splitEntries({ ...whole, signatures: whole.signatures.subarray(1) }))).toBe('malformed');
  expect(codeOf(() => splitEntries({ ...whole, signatures: new Uint8Array(3 * 129) }))).toBe('malformed');
  expect(codeOf(() => splitEntries({ ...whole, descriptors: whole.descriptors.subarray(1) }))).toBe('malformed');
  expect(codeOf(() => splitEntries({ ...whole, descriptors: new Uint8Array(5) }))).toBe('malformed');
  expect(codeOf(() => splitEntries({ ...whole, descriptors: new Uint8Array(MAX_PAGE_BYTES + 1) }))).toBe('too-large');
  expect(codeOf(() => splitEntries({ ...whole, signatures: new Uint8Array(MAX_PAGE_BYTES) }))).toBe('too-large');
  expect(codeOf(() => joinEntries(Array(500).fill(one)))).toBe('too-large');
});

test('changed columns are split, or refused by name', () => {
  const [entries] = fc.sample(fc.array(entry, { minLength: 3, maxLength: 3 }), 1);
  const whole = joinEntries(entries!);
  fc.assert(
    fc.property(fc.nat(whole.descriptors.length - 1), fc.nat(255), fc.nat(400), (at, value, cut) => {
      const descriptors = Uint8Array.from(whole.descriptors);
      descriptors[at] = value;
      const code = codeOf(() =>
        splitEntries({ descriptors, signatures: whole.signatures.subarray(0, Math.max(0, 387 - cut)) }),
      );
      expect([undefined, 'malformed', 'too-large']).toContain(code);
    }),
    { numRuns: 2000 },
  );
});

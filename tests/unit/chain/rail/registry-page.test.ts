// A page of the registry is read as ethers reads it, and in no other form: whatever is read writes back to the same bytes.

import { AbiCoder } from 'ethers';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseRegistryPage, type PageEntry } from '../../../../src/chain/rail/registry-page.ts';

const TYPES = ['(bytes32,address,uint96,uint40,uint40,bytes)[]', 'uint256'];
const ABI = AbiCoder.defaultAbiCoder();
const hex = (least: number, most: number) =>
  fc
    .uint8Array({ minLength: least, maxLength: most })
    .map((bytes) => `0x${Buffer.from(bytes).toString('hex')}` as const);
const entry: fc.Arbitrary<PageEntry> = fc.record({
  peerKey: hex(32, 32),
  payee: hex(20, 20),
  leavesAt: fc.nat({ max: 2 ** 40 - 1 }),
  addresses: hex(0, 256),
});
const page = fc.record({
  entries: fc.array(entry, { maxLength: 8 }),
  total: fc.bigInt({ min: 0n, max: 2n ** 256n - 1n }),
});

const write = ({ entries, total }: { entries: PageEntry[]; total: bigint }, bond = 5n, at = 7n): string =>
  ABI.encode(TYPES, [
    entries.map(({ peerKey, payee, leavesAt, addresses }) => [peerKey, payee, bond, at, leavesAt, addresses]),
    total,
  ]);

test('what a contract writes is read', () => {
  fc.assert(
    fc.property(page, (value) => {
      expect(parseRegistryPage(write(value))).toEqual(value);
    }),
  );
});

test('of changed words nothing is read that ethers does not read as the same', () => {
  const change = fc.record({ at: fc.nat(), to: fc.constantFrom('0', '1', '8', 'f'), how: fc.nat({ max: 2 }) });
  fc.assert(
    fc.property(page, fc.array(change, { minLength: 1, maxLength: 3 }), (value, changes) => {
      const digits = Array.from(write(value).slice(2));
      for (const { at, to, how } of changes) digits.splice(at % (digits.length + 1), how, ...(how === 2 ? [] : [to]));
      const data = `0x${digits.join('')}`;
      let found;
      try {
        found = parseRegistryPage(data);
      } catch (error) {
        expect(error).toBeInstanceOf(TypeError);
        return;
      }
      const [relays, total] = ABI.decode(TYPES, data).toArray(true) as [unknown[][], bigint];
      expect(ABI.encode(TYPES, [relays, total])).toBe(data);
      expect(found.total).toBe(total);
      expect(found.entries.map(({ peerKey }) => peerKey)).toEqual(relays.map(([key]) => key));
    }),
    { numRuns: 400 },
  );
});

test('a count that the answer cannot hold is refused before anything is made of it', () => {
  const word = (value: bigint): string => value.toString(16).padStart(64, '0');
  expect(() => parseRegistryPage(`0x${word(64n)}${word(1n)}${word(2n ** 31n)}`)).toThrow(TypeError);
  expect(() => parseRegistryPage('0x')).toThrow(TypeError);
});

// The published schema is what we speak: protons makes another implementation of docs/protocol/directory.proto, and each side reads what the other wrote, byte for byte. And
// the vectors, whose signatures others check as well.

import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { verifyTypedData } from 'ethers/hash';
import { keccak256 } from 'ethers/crypto';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { decodeDescriptor, encodeDescriptor, type RelayDescriptor } from '../../../../src/core/directory/descriptor.ts';
import { encodePage, encodeQuestion } from '../../../../src/core/directory/directory-messages.ts';
import { openEntry } from '../../../../src/core/directory/open-descriptor.ts';
import { quoteDomain } from '../../../../src/chain/rail/typed-data.ts';
import { peerFromLabel } from '../../../../src/net/peer-label.ts';
import { anyDescriptor, descriptorOf, DEVNET, KEYS, relayKeys, signed } from '../../../support/descriptors.ts';

type Codec = { encode(value: unknown): Uint8Array; decode(bytes: Uint8Array): Record<string, unknown> };

const ROOT = resolve(import.meta.dirname, '../../../..');
const file = join(ROOT, 'tests/vectors/descriptor.json');
let folder: string;
let other: { Descriptor: Codec; SignedDescriptor: Codec; Question: Codec; Page: Codec };

beforeAll(async () => {
  // Inside of the project, so that what is generated finds its runtime.
  mkdirSync(join(ROOT, 'artifacts'), { recursive: true });
  folder = mkdtempSync(join(ROOT, 'artifacts/directory-proto-'));
  const protons = join(ROOT, 'node_modules/.bin/protons');
  execFileSync(protons, [join(ROOT, 'docs/protocol/directory.proto'), '--output', folder], { stdio: 'pipe' });
  other = (await import(join(folder, 'directory.ts'))) as typeof other;
});
afterAll(() => rmSync(folder, { recursive: true }));

test('what we write, the other reads whole and writes the same bytes again; what it writes, we read', () => {
  fc.assert(
    fc.property(anyDescriptor, (descriptor) => {
      const bytes = encodeDescriptor(descriptor);
      const read = other.Descriptor.decode(bytes);
      expect(read['operator']).toBe(descriptor.operator);
      const again = other.Descriptor.encode(read);
      expect(Buffer.from(again).toString('hex')).toBe(Buffer.from(bytes).toString('hex'));
      expect(decodeDescriptor(again)).toEqual(descriptor);
    }),
    { numRuns: 500 },
  );
});

test('the same of a question and of a page', () => {
  const mark = { epoch: `0x${'0a'.repeat(16)}` as const, version: 77 };
  const columns = { descriptors: Uint8Array.of(1, 2), signatures: Uint8Array.of(3) };
  const epoch = new Uint8Array(16).fill(10);
  expect(other.Question.decode(encodeQuestion(mark))).toEqual({ epoch, version: 77n });
  expect(other.Page.decode(encodePage({ mark, isLast: true, time: 88, columns }))).toEqual({
    ...{ epoch, version: 77n, isLast: true, time: 88n },
    ...columns,
  });
});

type Vector = { name: string; keys: number; descriptor: RelayDescriptor; entry: string };

const vectors = (): Vector[] =>
  (
    JSON.parse(readFileSync(file, 'utf8'), (_, value: unknown) =>
      typeof value === 'string' && /^\d+n$/.test(value) ? BigInt(value.slice(0, -1)) : value,
    ) as { vectors: Vector[] }
  ).vectors;

test.each(['every role', 'the least'])('vector: %s', async (name) => {
  const vector = vectors().find((each) => each.name === name)!;
  const keys = await relayKeys(vector.keys);
  const entry = Buffer.from(vector.entry, 'hex');
  // Both signatures are deterministic (RFC 8032, RFC 6979).
  expect(Buffer.from(await signed(vector.descriptor, keys)).toString('hex')).toBe(vector.entry);
  const now = vector.descriptor.validFrom * 1000;
  const opened = await openEntry(entry, { keys: KEYS, chainId: DEVNET.chainId, now });
  expect(opened.descriptor).toEqual(vector.descriptor);

  // As others read and check them.
  const read = other.SignedDescriptor.decode(entry) as Record<string, Uint8Array>;
  const { descriptor, peerSignature, payeeSignature } = read as Record<string, Uint8Array<ArrayBuffer>>;
  const message = Buffer.concat([Buffer.from('conet relay descriptor 1\n'), descriptor!]);
  expect(await peerFromLabel(keys.peer)!.publicKey.verify(message, peerSignature!)).toBe(true);
  const signer = verifyTypedData(
    quoteDomain(DEVNET),
    {
      RelayDescriptor: [
        { name: 'peerKey', type: 'bytes32' },
        { name: 'sequence', type: 'uint64' },
        { name: 'validUntil', type: 'uint64' },
        { name: 'descriptor', type: 'bytes32' },
      ],
    },
    {
      peerKey: keys.peerKey.publicKey.raw,
      sequence: vector.descriptor.sequence,
      validUntil: vector.descriptor.validFrom + vector.descriptor.validFor,
      descriptor: keccak256(descriptor!),
    },
    `0x${Buffer.from(payeeSignature!).toString('hex')}`,
  );
  expect(signer.toLowerCase()).toBe(vector.descriptor.payee);
});

test('the vectors are of what a relay may say', async () => {
  expect(vectors()[0]?.descriptor).toEqual(descriptorOf(await relayKeys(1)));
});

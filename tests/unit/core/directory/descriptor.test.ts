// What a relay says of itself: read back as it was written, and refused by name where it is anything else.

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decodeDescriptor, encodeDescriptor, type RelayDescriptor } from '../../../../src/core/directory/descriptor.ts';
import { DirectoryError, type DirectoryErrorCode } from '../../../../src/core/directory/directory-error.ts';
import { encodeSigned, openEntry } from '../../../../src/core/directory/open-descriptor.ts';
import { keyOfLabel, keyPrefixOf, labelOfKey } from '../../../../src/core/directory/peer-key.ts';
import { encodeField } from '../../../../src/core/wire/protobuf.ts';
import { peerFromLabel } from '../../../../src/net/peer-label.ts';
import {
  anyDescriptor,
  DAY,
  descriptorOf,
  DEVNET,
  KEYS,
  relayKeys,
  sign,
  signed,
} from '../../../support/descriptors.ts';
import { runs } from '../../../support/length.ts';

/** A fifth of the whole with `npm run test:long`, which takes some four seconds of a free core: `CASES=100000 npm run test:unit -- descriptor`. */
const CASES = Number(process.env['CASES'] ?? runs(20_000));
const NOW = DAY * 1000;
const relay = await relayKeys(1);
const descriptor = descriptorOf(relay);
const open = async (entry: Uint8Array, now = NOW, chainId = DEVNET.chainId): Promise<RelayDescriptor> =>
  (await openEntry(entry, { keys: KEYS, chainId, now })).descriptor;

async function codeOf(work: Promise<unknown>): Promise<DirectoryErrorCode | undefined> {
  try {
    await work;
    return undefined;
  } catch (error) {
    if (error instanceof DirectoryError) return error.code;
    throw error;
  }
}

const refused = (change: object): DirectoryErrorCode | undefined => {
  try {
    encodeDescriptor({ ...descriptor, ...change });
    return undefined;
  } catch (error) {
    return (error as DirectoryError).code;
  }
};

test('every descriptor is read as it was written', () => {
  fc.assert(
    fc.property(anyDescriptor, (any) => {
      expect(decodeDescriptor(encodeDescriptor(any))).toEqual(any);
    }),
    { numRuns: 500 },
  );
});

test('the key of a label is what libp2p reads in it', () => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 32, maxLength: 32 }), (key) => {
      const label = labelOfKey(key);
      expect(keyOfLabel(label)).toEqual(key);
      expect(Buffer.from(peerFromLabel(label)!.publicKey.raw)).toEqual(Buffer.from(key));
    }),
  );
  for (const label of ['', 'k51', `k${'z'.repeat(61)}`, relay.peer.toUpperCase(), `${relay.peer}0`])
    expect(keyOfLabel(label)).toBeUndefined();
  expect(keyPrefixOf(relay.peer)).toBe(`0x${Buffer.from(keyOfLabel(relay.peer)!.subarray(0, 8)).toString('hex')}`);
  expect(keyPrefixOf('k51')).toBeUndefined();
});

describe('values outside of their bounds', () => {
  const { entry, exit, zone } = descriptor as Required<RelayDescriptor>;
  test.each<[string, object]>([
    ['no role', { entry: undefined, exit: undefined, zone: undefined }],
    ['longer than a day', { validFor: 86_401 }],
    ['for no time', { validFor: 0 }],
    ['an operator with a space', { operator: 'two words' }],
    ['an operator too long', { operator: 'a'.repeat(101) }],
    ['a region that is none', { region: 'is' }],
    ['an entry without an address', { entry: { ...entry, addresses: [] } }],
    ['more addresses than eight', { entry: { ...entry, addresses: Array(9).fill('192.0.2.1') } }],
    ['a name as an address', { entry: { ...entry, addresses: ['relay.example'] } }],
    ['an IPv4 address in the form of IPv6', { entry: { ...entry, addresses: ['::ffff:c000:201'] } }],
    ['another spelling of an address', { entry: { ...entry, addresses: ['2001:DB8::7'] } }],
    ['port 0', { entry: { ...entry, tunnelPort: 0 } }],
    ['a port too high', { entry: { ...entry, libp2pPort: 65_536 } }],
    ['a zone in capitals', { entry: { ...entry, zone: 'Zone.example' } }],
    ['a price by mistake', { exit: { ...exit, pricePerMiB: 1_000_000_001n } }],
    ['more entries than 64', { exit: { ...exit, entries: Array(65).fill('0x0102030405060708') } }],
    ['an entry that is no prefix of a key', { exit: { ...exit, entries: [relay.peer] } }],
    ['ports that end before they begin', { exit: { ...exit, refusedPorts: [{ from: 26, to: 25 }] } }],
    ['an exit without an address', { exit: { ...exit, addresses: [] } }],
    ['a zone without a server', { zone: { ...zone, addresses: [] } }],
    ['a payee of another length', { payee: '0x00' }],
    ['a sequence beyond 64 bits', { sequence: 2n ** 64n }],
  ])('%s', (_, change) => {
    expect(refused(change)).toBe('malformed');
  });

  test('the same of what is read', () => {
    const bytes = encodeDescriptor(descriptor);
    const role = encodeField(11, Uint8Array.from(encodeField(1, Uint8Array.of(192, 0, 2, 1))));
    for (const more of [encodeField(4, 8n), role]) {
      const twice = Uint8Array.from([...bytes, ...more]);
      expect(() => decodeDescriptor(twice)).toThrow(DirectoryError);
    }
  });
});

describe('an entry of the directory', () => {
  test('is believed where both keys signed it', async () => {
    expect(await open(await signed(descriptor, relay))).toEqual(descriptor);
  });

  test('keeps what a later version adds, and its signatures', async () => {
    const later = Uint8Array.from([...encodeDescriptor(descriptor), ...encodeField(900, Uint8Array.of(1, 2, 3))]);
    expect(await open(encodeSigned(await sign(descriptor, relay, later)))).toEqual(descriptor);
  });

  test('is not believed by another’s key, of either kind', async () => {
    const other = await relayKeys(2);
    for (const keys of [
      { ...relay, peerKey: other.peerKey },
      { ...relay, payeeKey: other.payeeKey },
    ])
      expect(await codeOf(open(await signed(descriptor, keys)))).toBe('bad-signature');
    // A relay that names another's account as its own, and one that claims another's relay.
    for (const stolen of [
      { ...descriptor, payee: other.payee },
      { ...descriptor, peer: other.peer },
    ])
      expect(await codeOf(open(await signed(stolen, relay)))).toBe('bad-signature');
  });

  test('holds for its time, give or take ten minutes, and on its chain', async () => {
    const entry = await signed(descriptor, relay);
    const { validFrom } = descriptor;
    const end = validFrom + 86_400;
    expect(await codeOf(open(entry, (validFrom - 601) * 1000))).toBe('not-valid-yet');
    expect(await codeOf(open(entry, (validFrom - 600) * 1000))).toBeUndefined();
    expect(await codeOf(open(entry, (end + 599) * 1000))).toBeUndefined();
    expect(await codeOf(open(entry, (end + 600) * 1000))).toBe('expired');
    expect(await codeOf(open(entry, NOW, 1))).toBe('wrong-network');
  });

  test('that is too long is refused before it is read', async () => {
    expect(await codeOf(open(new Uint8Array(4353)))).toBe('too-large');
    const fields = { descriptor: new Uint8Array(1), peerSignature: `0x${'00'.repeat(64)}` as const };
    const made = encodeSigned({ ...fields, payeeSignature: `0x${'00'.repeat(65)}` });
    expect(await codeOf(open(made))).toBe('malformed');
  });
});

/** Bits flipped, bytes put in, taken out or changed, pieces said twice, the end cut off. */
function mutate(bytes: Uint8Array, seeds: readonly number[]): Uint8Array {
  const out = [...bytes];
  for (const seed of seeds) {
    const at = seed % Math.max(1, out.length);
    const value = (seed >>> 16) & 0xff;
    switch ((seed >>> 24) % 6) {
      case 0:
        out[at] = (out[at] ?? 0) ^ (1 << (value & 7));
        break;
      case 1:
        out.splice(at, 0, value);
        break;
      case 2:
        out.splice(at, 1);
        break;
      case 3:
        out[at] = value;
        break;
      case 4:
        out.splice(at, 0, ...out.slice(at, at + (value & 31)));
        break;
      default:
        if ((value & 7) === 0) out.length = at;
    }
  }
  return Uint8Array.from(out);
}

test(`${CASES} changed descriptors are read, or refused by name, and nothing else happens`, () => {
  const whole = encodeDescriptor(descriptor);
  const refusals = new Set<string>();
  let read = 0;
  fc.assert(
    fc.property(fc.array(fc.nat(2 ** 32 - 1), { minLength: 1, maxLength: 4 }), (seeds) => {
      try {
        const changed = decodeDescriptor(mutate(whole, seeds));
        read += 1;
        // What is read can be written, and reads the same. Not of all: it takes three times as long.
        if (read % 20 === 0) expect(decodeDescriptor(encodeDescriptor(changed))).toEqual(changed);
      } catch (error) {
        if (!(error instanceof DirectoryError)) throw error;
        refusals.add(error.code);
      }
    }),
    { numRuns: CASES },
  );
  expect(read).toBeGreaterThan(CASES / 100);
  expect([...refusals]).toEqual(['malformed']);
});

test('no changed entry is believed to say anything else than what was signed', async () => {
  const whole = await signed(descriptor, relay);
  await fc.assert(
    fc.asyncProperty(fc.array(fc.nat(2 ** 32 - 1), { minLength: 1, maxLength: 3 }), async (seeds) => {
      const opened = await open(mutate(whole, seeds)).catch((error: unknown) => {
        if (error instanceof DirectoryError) return undefined;
        throw error;
      });
      // Only fields beside the three may differ: they are skipped.
      if (opened !== undefined) expect(opened).toEqual(descriptor);
    }),
    { numRuns: 1000 },
  );
});

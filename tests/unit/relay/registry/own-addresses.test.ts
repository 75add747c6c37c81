// What a relay says of itself in the registry: what fits, what a beginner needs first.

import { expect, test } from 'vitest';
import type { RelayConfig } from '../../../../relay/config/schema.ts';
import { ownAddresses } from '../../../../relay/registry/own-addresses.ts';
import { labelOfKey } from '../../../../src/core/directory/peer-key.ts';
import { decodeRegistryAddresses } from '../../../../src/core/directory/registry-addresses.ts';

const PEER = labelOfKey(new Uint8Array(32).fill(7));
const entry = {
  tunnels: [{ host: '0.0.0.0', port: 8443 }],
  libp2p: [{ host: '0.0.0.0', port: 7401 }],
  certificate: { files: { key: 'k', chain: 'c' } },
} as RelayConfig['entry'];

test('ports are those that are listened on, unless others are named', () => {
  const reached = { addresses: ['192.0.2.1'], zone: 'libp2p.example' };
  const plain = ownAddresses({ entry, public: reached }, PEER);
  expect(plain).toMatchObject({ workers: [{ port: 8443 }], relays: [{ port: 7401 }], over: 0 });
  const { workers, relays, bytes } = ownAddresses(
    { entry, public: { ...reached, tunnelPort: 443, libp2pPort: 4 } },
    PEER,
  );
  expect(decodeRegistryAddresses(PEER, bytes)).toEqual({ workers, relays });
  expect({ workers, relays }).toMatchObject({ workers: [{ port: 443 }], relays: [{ port: 4 }] });
});

test('of more than there is room for, one way in by name comes first, then those by address', () => {
  const addresses = Array.from({ length: 8 }, (_, index) => `2001:db8:1111:2222:3333:4444:5555:${index + 1}`);
  const { workers, relays, over } = ownAddresses({ entry, public: { addresses, zone: 'libp2p.example' } }, PEER);
  expect(workers).toHaveLength(1);
  expect(relays.length).toBeGreaterThan(2);
  expect(workers.length + relays.length + over).toBe(16);
});

test('an exit says nothing but that it is there; an entry that does not say how it is reached is told so', () => {
  expect(ownAddresses({ entry: undefined, public: undefined }, PEER)).toMatchObject({ workers: [], relays: [] });
  expect(() => ownAddresses({ entry, public: undefined }, PEER)).toThrow('public: is missing');
  const zone = Array.from({ length: 3 }, () => 'z'.repeat(60)).join('.');
  expect(() => ownAddresses({ entry, public: { addresses: ['192.0.2.1'], zone } }, PEER)).toThrow('public.zone');
});

// What a relay prints for people to begin with is what the popup takes.

import { expect, test } from 'vitest';
import { beginAddresses } from '../../../../relay/directory/begin-addresses.ts';
import { parseBeginAddress } from '../../../../src/core/directory/begin-address.ts';
import { labelOfKey } from '../../../../src/core/directory/peer-key.ts';

const PEER = labelOfKey(new Uint8Array(32).fill(7));
const reached = { addresses: ['192.0.2.7', '2001:db8::7'], zone: 'z.test' };

test('an address of each family, with the port that others come to', () => {
  const printed = beginAddresses({ ...reached, tunnelPort: 443 }, PEER, 7443);
  expect(printed).toEqual([
    `/dns4/192-0-2-7.${PEER}.z.test/tcp/443/tls/ws/p2p/${PEER}`,
    `/dns6/2001-db8--7.${PEER}.z.test/tcp/443/tls/ws/p2p/${PEER}`,
  ]);
  expect(printed.map(parseBeginAddress)).toMatchObject([
    { peer: PEER, port: 443, address: '192.0.2.7' },
    { peer: PEER, port: 443, address: '2001:db8::7' },
  ]);
  expect(beginAddresses(reached, PEER, 7443)[0]).toContain('/tcp/7443/');
});

test('none where nobody is told how to reach it', () => {
  expect(beginAddresses(undefined, PEER, 443)).toEqual([]);
  expect(beginAddresses({ addresses: ['192.0.2.7'] }, PEER, 443)).toEqual([]);
});

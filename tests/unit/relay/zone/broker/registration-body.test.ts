// What a registration may hold. Addresses that cannot be dialled are passed over; everything else that is wrong has a name.

import { expect, test } from 'vitest';
import { parseRegistration } from '../../../../../relay/zone/broker/registration-body.ts';

const VALUE = 'n4bQgYhMfWWaL-qgxVrQFaO_TxsrC4Is0V1sFbDwCgg';
const PEER = '12D3KooWDpJ7As7BWAwRMfu1VU2WCqNjvq387JEYKDBj4kx6nXTN';

test('reads what js-libp2p and go-libp2p write', () => {
  const addresses = ['/ip4/198.51.100.7/tcp/4001', `/ip6/2001:db8::7/tcp/443/ws/p2p/${PEER}`];
  for (const body of [
    { Value: VALUE, Addresses: addresses },
    { value: VALUE, addresses },
  ]) {
    const read = parseRegistration(JSON.stringify(body));
    expect(read.value).toBe(VALUE);
    expect(read.addresses.map(({ host, address, peer }) => [host, address.toString(), peer])).toEqual([
      ['198.51.100.7', '/ip4/198.51.100.7/tcp/4001', undefined],
      ['2001:db8::7', '/ip6/2001:db8::7/tcp/443/ws', PEER],
    ]);
  }
});

test('passes over addresses that it cannot dial', () => {
  const addresses = [
    ...['/dns4/relay.test/tcp/443', '/ip4/198.51.100.7/udp/4001/quic-v1', '/ip4/198.51.100.7/tcp/443/tls/ws'],
    ...[
      `/ip4/198.51.100.7/tcp/1/p2p/${PEER}/p2p-circuit`,
      '/ip4/198.51.100.7/tcp/0',
      'nonsense',
      7,
      null,
      'x'.repeat(9999),
    ],
    '/ip4/198.51.100.7/tcp/9',
  ];
  expect(parseRegistration(JSON.stringify({ value: VALUE, addresses })).addresses).toMatchObject([
    { host: '198.51.100.7' },
  ]);
});

test.each([
  ['no JSON', 'nonsense', 'bad-body'],
  ['a list', '[]', 'bad-body'],
  ['nothing', 'null', 'bad-body'],
  ['no addresses', JSON.stringify({ value: VALUE }), 'bad-body'],
  ['addresses that are no list', JSON.stringify({ value: VALUE, addresses: {} }), 'bad-body'],
  ['a field more', JSON.stringify({ value: VALUE, addresses: [], more: 1 }), 'bad-body'],
  ['a field twice', `{"value":"${VALUE}","Value":"x","addresses":[]}`, 'bad-body'],
  ['a value that is too short', JSON.stringify({ value: VALUE.slice(1), addresses: [] }), 'bad-value'],
  ['a value with padding', JSON.stringify({ value: `${VALUE}=`, addresses: [] }), 'bad-value'],
  ['a value with another alphabet', JSON.stringify({ value: `+${VALUE.slice(1)}`, addresses: [] }), 'bad-value'],
  ['a value of 33 bytes', JSON.stringify({ value: `${VALUE.slice(0, 42)}h`, addresses: [] }), 'bad-value'],
  ['no address', JSON.stringify({ value: VALUE, addresses: [] }), 'no-address'],
  [
    'an address beyond the first 32',
    JSON.stringify({ value: VALUE, addresses: [...Array<string>(32).fill('x'), '/ip4/198.51.100.7/tcp/9'] }),
    'no-address',
  ],
])('is refused: %s', (_, text, code) => {
  expect(() => parseRegistration(text)).toThrow(expect.objectContaining({ name: 'BrokerError', code }));
});

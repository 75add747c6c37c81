// The codec of peer-id HTTP authentication, by the example of its specification.

import { privateKeyFromProtobuf } from '@libp2p/crypto/keys';
import { expect, test } from 'vitest';
import {
  dataToSign,
  decodeBase64,
  decodeKey,
  encodeBase64,
  encodeKey,
  formatAuthParams,
  parseAuthParams,
} from '../../../../relay/net/peer-id-auth.ts';

test('signs what the example of the specification signs', async () => {
  const server = privateKeyFromProtobuf(
    Buffer.from(
      '0801124001010101010101010101010101010101010101010101010101010101010101018a88e3dd7409f195fd52db2d3cba5d72ca6709bf1d94121bf3748801b40f6f5c',
      'hex',
    ),
  );
  const data = dataToSign({
    hostname: 'example.com',
    'client-public-key': Buffer.from('080112208139770ea87d175f56a35466c34c7ecccb8d8a91b4ee37a25df60f5b8fc9b394', 'hex'),
    'challenge-server': 'ERERERERERERERERERERERERERERERERERERERERERE=',
  });
  expect(Buffer.from(data).toString('latin1')).toBe(
    'libp2p-PeerID=challenge-server=ERERERERERERERERERERERERERERERERERERERERERE=6client-public-key=' +
      Buffer.from('080112208139770ea87d175f56a35466c34c7ecccb8d8a91b4ee37a25df60f5b8fc9b394', 'hex').toString(
        'latin1',
      ) +
      '\x14hostname=example.com',
  );
  expect(encodeBase64(await server.sign(data))).toBe(
    'UA88qZbLUzmAxrD9KECbDCgSKAUBAvBHrOCF2X0uPLR1uUCF7qGfLPc7dw3Olo-LaFCDpk5sXN7TkLWPVvuXAA==',
  );
  expect(decodeKey(encodeKey(server.publicKey))?.equals(server.publicKey)).toBe(true);
});

test('a long parameter has a length of two bytes', () => {
  const data = dataToSign({ a: 'x'.repeat(300) });
  expect([...data.subarray(13, 15)]).toEqual([0xae, 0x02]);
});

test('parameters come back as they were written, with commas between them or without', () => {
  const params = { bearer: 'abc==', 'public-key': 'CAES' };
  expect(Object.fromEntries(parseAuthParams(formatAuthParams(params))!)).toEqual(params);
  expect(parseAuthParams('libp2p-PeerID sig="a" bearer="b"')?.get('bearer')).toBe('b');
});

test.each([
  'Basic abc',
  'libp2p-PeerID',
  'libp2p-PeerID sig="a", sig="b"',
  'libp2p-PeerID sig="a" junk',
  'libp2p-PeerID sig=a',
  `libp2p-PeerID sig="${'a'.repeat(3000)}"`,
])('is none of it: %s', (header) => {
  expect(parseAuthParams(header)?.get('sig')).toBeUndefined();
});

test('what is no key, or one of another kind, is none', () => {
  for (const text of [undefined, '', '*', 'AAAA', encodeBase64(new Uint8Array(100)), 'CAASpgIwggEiMA==']) {
    expect(decodeKey(text)).toBeUndefined();
  }
  expect(decodeBase64('YQ')).toEqual(Buffer.from('a'));
});

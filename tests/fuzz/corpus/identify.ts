// What a peer says when identify asks it (https://github.com/libp2p/specs/blob/master/identify/README.md), field by field: js-libp2p has no encoder of its own to be called.

import { publicKeyToProtobuf } from '@libp2p/crypto/keys';
import type { PublicKey } from '@libp2p/interface';
import { multiaddr } from '@multiformats/multiaddr';
import { encodeField } from '../../../src/core/wire/protobuf.ts';

const FIELD = { key: 1, address: 2, protocol: 3, observed: 4, version: 5, agent: 6 };

/** @param protocols that it claims to speak */
export function identifyMessage(key: PublicKey, protocols: readonly string[]): Buffer {
  const address = multiaddr('/ip4/127.99.0.1/tcp/1').bytes;
  return Buffer.from([
    ...encodeField(FIELD.key, publicKeyToProtobuf(key)),
    ...encodeField(FIELD.address, address),
    ...protocols.flatMap((protocol) => encodeField(FIELD.protocol, Buffer.from(protocol))),
    ...encodeField(FIELD.observed, address),
    ...encodeField(FIELD.version, Buffer.from('ipfs/0.1.0')),
    ...encodeField(FIELD.agent, Buffer.from('fuzzer/1')),
  ]);
}

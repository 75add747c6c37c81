// ClientHellos: Node's own, and some made field by field, for an exit that is there, the entry's own name, and names that lead nowhere.

import { captureHello, makeHello, toRecords, uint16, vector } from '../../support/relay-hello.ts';

/** X25519MLKEM768 and GREASE, as Chrome sends them: most of a hello's length. */
const KEY_SHARE: [number, Uint8Array] = [
  51,
  vector(
    2,
    Buffer.concat([uint16(0x3a3a), vector(2, Buffer.from([0])), uint16(0x11ec), vector(2, Buffer.alloc(1216))]),
  ),
];
/** Where a record's payload begins. */
const RECORD_HEADER = 5;

export async function hellos(...names: string[]): Promise<Buffer[]> {
  const all: Buffer[] = [];
  for (const serverName of names) {
    const large = makeHello({ serverName, before: [[0x0a0a, Buffer.alloc(0)], KEY_SHARE] });
    all.push(
      ...[await captureHello(serverName), await captureHello(serverName, { maxVersion: 'TLSv1.2' })],
      ...[makeHello({ serverName }), large, toRecords(large.subarray(RECORD_HEADER), [1, 3, 500, 64])],
    );
  }
  return all;
}

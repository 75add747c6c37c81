// The first bytes of libp2p on a connection, and frames of Yamux (https://github.com/hashicorp/yamux/blob/master/spec.md).

import { vector } from '../../support/relay-hello.ts';

/** multistream-select: a length, the line, its end. */
export function line(text: string): Buffer {
  return Buffer.concat([Buffer.from([text.length + 1]), Buffer.from(`${text}\n`)]);
}

/** X25519; of the first message of Noise XX it is all that there is. */
const KEY_BYTES = 32;

/** What a dialler says before it waits for the other side. */
export function openings(): Buffer[] {
  const [select, noise] = [line('/multistream/1.0.0'), line('/noise')];
  const ephemeral = vector(2, Buffer.alloc(KEY_BYTES, 9));
  return [
    Buffer.concat([select, noise, ephemeral]),
    Buffer.concat([select, noise, ephemeral, vector(2, Buffer.alloc(200, 7))]),
    Buffer.concat([select, line('ls')]),
    Buffer.concat([select, line('/tls/1.0.0'), line('/plaintext/2.0.0'), noise, ephemeral]),
    Buffer.concat([select, select, noise]),
  ];
}

export const YAMUX = { data: 0, window: 1, ping: 2, goAway: 3, syn: 1, ack: 2, fin: 4, rst: 8 };

/** @param length of `data` where it is left out */
export function yamuxFrame(type: number, flags: number, stream: number, data = Buffer.alloc(0), length = data.length) {
  const head = Buffer.alloc(12);
  head.writeUInt8(type, 1);
  head.writeUInt16BE(flags, 2);
  head.writeUInt32BE(stream, 4);
  head.writeUInt32BE(length, 8);
  return Buffer.concat([head, data]);
}

/** @param protocols that are asked for on its streams */
export function yamuxFrames(protocols: readonly string[]): Buffer[] {
  const { data, window, ping, goAway, syn, ack, fin, rst } = YAMUX;
  const asked = protocols.map((protocol) => Buffer.concat([line('/multistream/1.0.0'), line(protocol)]));
  // Odd numbers are the dialler's; far from those that its own muxer draws.
  return asked.flatMap((question, index) => {
    const stream = 100_001 + 2 * index;
    return [
      ...[yamuxFrame(data, syn, stream, question), yamuxFrame(data, 0, stream, Buffer.alloc(300, 1))],
      ...[yamuxFrame(window, syn, stream + 200, undefined, 262_144), yamuxFrame(window, 0, stream, undefined, 65_536)],
      ...[yamuxFrame(data, fin, stream), yamuxFrame(window, rst, stream), yamuxFrame(data, syn | fin, stream + 400)],
      ...[yamuxFrame(ping, syn, 0, undefined, 7), yamuxFrame(ping, ack, 0, undefined, 7)],
      yamuxFrame(goAway, 0, 0, undefined, 0),
    ];
  });
}

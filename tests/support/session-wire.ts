// The payer's end of a stream of the session protocol, in bytes: real libp2p to a relay, frames of the test's choice.

import { noise } from '@chainsafe/libp2p-noise';
import { yamux } from '@chainsafe/libp2p-yamux';
import { identify } from '@libp2p/identify';
import type { Libp2p, PrivateKey, Stream } from '@libp2p/interface';
import { tcp } from '@libp2p/tcp';
import { multiaddr } from '@multiformats/multiaddr';
import { createLibp2p } from 'libp2p';
import type { Hex } from '../../src/core/payment/hex.ts';
import { encodeFrame, FrameReader } from '../../src/core/wire/frames.ts';
import { encodeField } from '../../src/core/wire/protobuf.ts';
import {
  decodeSessionMessage,
  encodeSessionMessage,
  type SessionBody,
  type SessionMessage,
} from '../../src/core/wire/session-messages.ts';
import { SESSION_PROTOCOL } from '../../src/core/wire/session-protocol.ts';

/**
 * @param init.privateKey left out: another peer each time
 * @param init.localAddress of loopback: whence it comes, where the payee counts by source
 */
export function startPayerNode({
  privateKey,
  localAddress,
}: { privateKey?: PrivateKey; localAddress?: string } = {}): Promise<Libp2p> {
  return createLibp2p({
    ...(privateKey && { privateKey }),
    // libp2p hands on what Node's own connect takes.
    transports: [tcp({ dialOpts: { noDelay: true, ...(localAddress && { localAddress }) } })],
    connectionEncrypters: [noise()],
    streamMuxers: [yamux()],
    // An entry asks who comes by TCP, to know its exits.
    services: { identify: identify() },
  });
}

export class WireStream {
  readonly received: SessionMessage[] = [];
  readonly #stream: Stream;
  readonly #waiting = new Set<() => void>();
  #request = 0;
  /** How the stream ended. */
  ended: 'closed' | 'reset' | undefined;

  constructor(stream: Stream) {
    this.#stream = stream;
    const reader = new FrameReader();
    stream.addEventListener('message', ({ data }) => {
      for (const piece of data instanceof Uint8Array ? [data] : data) {
        for (const bytes of reader.push(piece)) this.received.push(decodeSessionMessage(bytes, 'payee'));
      }
      this.#wake();
    });
    const end = (how: 'closed' | 'reset'): void => {
      this.ended ??= how;
      this.#wake();
    };
    stream.addEventListener('remoteCloseWrite', () => end('closed'));
    stream.addEventListener('close', ({ error }) => end(error == null ? 'closed' : 'reset'));
    // A relay that is quick has reset it before anybody could listen.
    if (stream.status === 'reset' || stream.status === 'aborted') this.ended = 'reset';
  }

  static async open(node: Libp2p, address: string, protocol = SESSION_PROTOCOL): Promise<WireStream> {
    const connection = await node.dial(multiaddr(address));
    return new WireStream(await connection.newStream(protocol));
  }

  raw(bytes: Uint8Array): void {
    this.#stream.send(bytes);
  }

  tell(body: SessionBody, request = (this.#request += 1)): number {
    this.raw(encodeFrame(encodeSessionMessage({ request, body })));
    return request;
  }

  /** Its answer, waited for. */
  async ask(body: SessionBody): Promise<SessionBody> {
    const asked = this.tell(body);
    return this.until(({ request }) => request === asked);
  }

  /** The first message from the `from`th that is so, waited for. Rejects where the stream ends before. */
  async until(isIt: (message: SessionMessage) => boolean, from = 0): Promise<SessionBody> {
    for (;;) {
      const found = this.received.slice(from).find(isIt);
      if (found !== undefined) return found.body;
      if (this.ended !== undefined) throw new Error(`the stream was ${this.ended}`);
      await this.#change();
    }
  }

  async end(): Promise<string> {
    while (this.ended === undefined) await this.#change();
    return this.ended;
  }

  close(): Promise<void> {
    return this.#stream.close();
  }

  async #change(): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<undefined>();
    this.#waiting.add(() => resolve(undefined));
    await promise;
  }

  #wake(): void {
    for (const resolve of this.#waiting) resolve();
    this.#waiting.clear();
  }
}

/** A voucher whose signature has 64 bytes, as another implementation may write it: ours refuses to. */
export function shortSignature(channelId: Hex, { max, signature }: { max: bigint; signature: Hex }): Uint8Array {
  const bytes = (hex: string): Uint8Array => Buffer.from(hex.replace('0x', ''), 'hex');
  const amount = bytes(max.toString(16).padStart(32, '0'));
  const voucher = Uint8Array.from([...encodeField(1, amount), ...encodeField(2, bytes(signature).subarray(0, 64))]);
  const inner = Uint8Array.from([...encodeField(1, bytes(channelId)), ...encodeField(2, voucher)]);
  return encodeFrame(Uint8Array.from([...encodeField(1, 1000n), ...encodeField(7, inner)]));
}

// Carries bytes between a TCP socket and Noise in fewer steps than the libraries do after the handshake, which stays theirs: what a turn of the
// event loop wrote leaves in one system call instead of four for each message of 64 kB, and what a read brought is decrypted and handed on at
// once, without a second copy of each message. The bytes on the wire are the same. Wraps the encrypter of relay/net/node.ts.

import { Socket } from 'node:net';
import type { ConnectionEncrypter, MessageStream } from '@libp2p/interface';
import { Uint8ArrayList } from 'uint8arraylist';

type Bytes = Uint8Array | Uint8ArrayList;

/** A message of Noise with its tag, as libp2p frames it: two bytes say how long it is. */
const MAX_MESSAGE = 65_535;
const TAG_LENGTH = 16;
const MAX_TEXT = MAX_MESSAGE - TAG_LENGTH;
const PREFIX_LENGTH = 2;

/** What is used of the two libraries' connections beyond their interface (@libp2p/tcp 11, @chainsafe/libp2p-noise 17). */
type TcpConnection = MessageStream & {
  socket: Socket;
  readStatus: string;
  writeStatus: string;
  readBufferLength: number;
  onData: (data: Bytes) => void;
};
type NoiseConnection = MessageStream & {
  handshake: { encrypt: (text: Bytes) => Bytes; decrypt: (message: Bytes) => Bytes };
  decoder: { buffer: Uint8ArrayList };
  onData: (data: Bytes) => void;
  sendData: (data: Bytes) => { sentBytes: number; canSendMore: boolean };
};

/** An encrypter whose connections over TCP are quick; others are as they were. */
export function quickened<C>(make: (components: C) => ConnectionEncrypter): (components: C) => ConnectionEncrypter {
  return (components) => {
    const encrypter = make(components);
    const inbound = encrypter.secureInbound.bind(encrypter);
    const outbound = encrypter.secureOutbound.bind(encrypter);
    encrypter.secureInbound = async (connection, options) => {
      const secured = await inbound(connection, options);
      quicken(connection, secured.connection);
      return secured;
    };
    encrypter.secureOutbound = async (connection, options) => {
      const secured = await outbound(connection, options);
      quicken(connection, secured.connection);
      return secured;
    };
    return encrypter;
  };
}

function quicken(raw: MessageStream, secured: MessageStream): void {
  if (!isTcp(raw) || !isNoise(secured)) return;
  quickenWriting(raw, secured);
  quickenReading(raw, secured);
}

function quickenWriting(raw: TcpConnection, secured: NoiseConnection): void {
  const { socket } = raw;
  const viaLibrary = secured.sendData.bind(secured);
  secured.sendData = (data) => {
    // What the library still holds goes first; what has ended is its error to tell.
    if (raw.writeBufferLength > 0 || raw.writeStatus !== 'writable') return viaLibrary(data);
    const sentBytes = data.byteLength;
    socket.cork();
    try {
      for (let start = 0; start < sentBytes; start += MAX_TEXT) {
        const end = Math.min(sentBytes, start + MAX_TEXT);
        const text = data instanceof Uint8Array ? data.subarray(start, end) : data.sublist(start, end);
        const message = secured.handshake.encrypt(text);
        socket.write(Uint8Array.of(message.byteLength >>> 8, message.byteLength));
        for (const piece of piecesOf(message)) socket.write(piece);
      }
    } finally {
      socket.uncork();
    }
    return { sentBytes, canSendMore: !socket.writableNeedDrain };
  };
}

function quickenReading(raw: TcpConnection, secured: NoiseConnection): void {
  // What came with the last message of the handshake may have been looked at already.
  const waiting = secured.decoder.buffer;
  const viaLibrary = raw.onData.bind(raw);
  raw.onData = (data) => {
    if (raw.readStatus !== 'readable' || raw.readBufferLength > 0) {
      viaLibrary(data);
      return;
    }
    waiting.append(data);
    const text = new Uint8ArrayList();
    let failure: Error | undefined;
    try {
      while (waiting.byteLength >= PREFIX_LENGTH) {
        const end = PREFIX_LENGTH + ((waiting.get(0) << 8) | waiting.get(1));
        if (waiting.byteLength < end) break;
        const message = waiting.sublist(PREFIX_LENGTH, end);
        waiting.consume(end);
        if (message.byteLength < TAG_LENGTH) throw new RangeError('the message is shorter than its tag');
        text.append(secured.handshake.decrypt(message));
      }
    } catch (error) {
      failure = error instanceof Error ? error : new Error('not decrypted');
    }
    if (text.byteLength > 0) secured.onData(text);
    if (failure !== undefined) secured.abort(failure);
  };
}

function piecesOf(bytes: Bytes): Iterable<Uint8Array> {
  return bytes instanceof Uint8Array ? [bytes] : bytes;
}

function isTcp(stream: MessageStream): stream is TcpConnection {
  return 'socket' in stream && stream.socket instanceof Socket && 'onData' in stream;
}

function isNoise(stream: MessageStream): stream is NoiseConnection {
  return 'handshake' in stream && 'decoder' in stream && 'sendData' in stream && 'onData' in stream;
}

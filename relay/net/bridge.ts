// Copies bytes between a socket and a libp2p stream, both ways, until each side has ended its half. It must never lose, cut or reorder a
// byte, never buffer more than one window, and never let a lost connection look like a clean end: a cut becomes a reset.
// Called by the entry (browser's TCP connection <-> stream) and by the exit (stream <-> its proxy's Unix socket).
//
// The comments name the behaviours of js-libp2p 3 that each rule answers to (@libp2p/utils 7.4, @chainsafe/libp2p-yamux 8.0).

import type { Socket } from 'node:net';
import { Uint8ArrayList } from 'uint8arraylist';
import type { Stream, StreamCloseEvent, StreamMessageEvent } from '@libp2p/interface';
import { FirstPieces } from './first-pieces.ts';
import { inTurn } from './read-turns.ts';
import { readStraight } from './straight-reads.ts';

/**
 * What one turn of the event loop read from a socket leaves as one frame, up to this: four full messages of Noise (65,519 bytes each) less
 * the header of Yamux (12). Sent read by read, each 64 kB would cost a second, nearly empty message and a window update of its own.
 */
export const MAX_FRAME = 4 * 65_519 - 12;

/** One full read of Node: who sends that much has more to send. */
const BULK = 64 * 1024;

export type BridgeEnd = {
  /** Bytes from the socket into the stream, and from the stream into the socket. */
  fromSocket: number;
  fromStream: number;
  /** True when both halves ended in order; false when either side was cut. */
  clean: boolean;
};

/** Why a bridge was cut. It goes no further than libp2p's own trace, and holds no address. */
export class BridgeError extends Error {
  override readonly name = 'BridgeError';
}

export type Bridge = {
  /** Settles when the socket is closed and the stream is done with. Never rejects. */
  readonly ended: Promise<BridgeEnd>;
  /** Cuts both sides at once: the peer of each sees a reset. */
  cut(reason: string): void;
  /** Reads no more from either side, until `release`. What was read from the socket still leaves; ends and cuts go on. */
  hold(): void;
  release(): void;
  /** Bytes that wait here because nothing is read, whoever does not read. */
  waiting(): number;
  /** What has passed until now. */
  carried(): Pick<BridgeEnd, 'fromSocket' | 'fromStream'>;
};

export type BridgeOptions = {
  /** How many bytes were read from the socket and sent already: they count. */
  sent?: number;
  /** Where it is there, the socket is given what the stream brings first in small pieces, and this is called between them (first-pieces.ts). */
  betweenPieces?: (() => void) | undefined;
  /** Told of each chunk as it passes, of at most `MAX_FRAME` bytes. It may call `hold`: then the next one stays. */
  passed?: (from: 'socket' | 'stream', bytes: number) => void;
};

/** Joins them. The socket must be paused, open for both halves (`allowHalfOpen`) and have no reader; the stream must have no listener. */
export function bridge(
  socket: Socket,
  stream: Stream,
  { sent = 0, betweenPieces, passed }: BridgeOptions = {},
): Bridge {
  const { promise: ended, resolve } = Promise.withResolvers<BridgeEnd>();
  const counts = { fromSocket: sent, fromStream: 0 };
  /** The remote ended its half in order. A connection that vanishes also ends the stream, but without this event. */
  let remoteFinished = stream.status === 'open' && stream.remoteWriteStatus === 'closed';
  let ourHalfClosed = false;
  let resuming = false;
  let settled = false;
  let held = false;
  /** What the stream had handed out when `hold` came: `resume()` gives all that was buffered in one piece. */
  const heldBack = new Uint8ArrayList();

  const settle = (clean: boolean): void => {
    if (settled) return;
    settled = true;
    clearImmediate(flushing);
    pieces?.stop();
    stream.removeEventListener('message', onMessage);
    resolve({ ...counts, clean });
  };

  const fail = (error: Error): void => {
    if (settled) return;
    settle(false);
    if (stream.status === 'open') stream.abort(error);
    resetSocket(socket);
  };

  const gathered = new Uint8ArrayList();
  let flushing: NodeJS.Immediate | undefined;
  let moreCame = false;

  const onSocketData = (bytes: Uint8Array): void => {
    passed?.('socket', bytes.byteLength);
    if (bytes.byteLength > BULK && bytes.byteLength <= MAX_FRAME && gathered.byteLength === 0) {
      sendFrame(bytes);
      return;
    }
    gathered.append(bytes);
    moreCame = true;
    while (gathered.byteLength >= MAX_FRAME) send(MAX_FRAME);
    if (gathered.byteLength > 0) flushing ??= setImmediate(endTurn);
  };

  /** Runs after the reads of a turn. Little leaves at once; much waits for the next turn as long as each brings more. */
  const endTurn = (): void => {
    flushing = undefined;
    if (gathered.byteLength >= BULK && moreCame) {
      moreCame = false;
      flushing = setImmediate(endTurn);
    } else flush();
  };

  const flush = (): void => {
    if (gathered.byteLength > 0) send(gathered.byteLength);
  };

  const send = (length: number): void => {
    const frame = gathered.sublist(0, length);
    gathered.consume(length);
    sendFrame(frame);
  };

  const sendFrame = (frame: Uint8Array | Uint8ArrayList): void => {
    if (settled) return;
    counts.fromSocket += frame.byteLength;
    try {
      if (!stream.send(frame)) socket.pause();
    } catch (error) {
      fail(asError(error));
    }
  };

  const onSocketEnd = (): void => {
    flush();
    // close() waits until what was sent has left, and rejects when the stream is reset before.
    stream.close().then(() => {
      ourHalfClosed = true;
      if (socket.closed) settle(true);
    }, fail);
  };

  const onSocketClose = (): void => {
    if (!socket.readableEnded || !socket.writableFinished) fail(new BridgeError('the socket was closed'));
    else if (ourHalfClosed) settle(true);
  };

  /**
   * `drain` also comes when the connection has room again while this stream's own window is still shut; reading on then would grow the
   * write buffer by one chunk for each such event. A microtask later the stream has tried to send what it holds.
   * `onDrain()` is no help: its promise stays resolved after the first time.
   */
  const onStreamDrain = (): void => {
    queueMicrotask(() => inTurn(readSocket));
  };

  const readSocket = (): void => {
    if (!settled && !held && !stream.writableNeedsDrain && stream.writeBufferLength === 0) socket.resume();
  };

  const mayNotWrite = (): boolean => held || piecesWait() || socket.writableLength >= socket.writableHighWaterMark;

  const onMessage = ({ data }: StreamMessageEvent): void => {
    if (settled) return;
    if (passed === undefined) write(data);
    else if (!held && heldBack.byteLength === 0 && data.byteLength <= MAX_FRAME) {
      write(data);
      passed('stream', data.byteLength);
    } else {
      heldBack.append(data);
      writeHeldBack(passed);
    }
    if (mayNotWrite()) pauseStream();
    if (stream.readableEnded) queueMicrotask(onStreamEnd);
  };

  const write = (data: Uint8Array | Uint8ArrayList): void => {
    counts.fromStream += data.byteLength;
    if (pieces === undefined) put(data);
    else pieces.give(data);
  };

  const put = (data: Uint8Array | Uint8ArrayList): void => {
    if (data instanceof Uint8Array) socket.write(data);
    else {
      // One system call for the pieces of a frame.
      socket.cork();
      for (const piece of data) socket.write(piece);
      socket.uncork();
    }
  };

  /** Counted frame by frame, so that whoever counts can stop it in between; written at once, which is one system call. */
  const writeHeldBack = (count: NonNullable<typeof passed>): void => {
    let length = 0;
    while (!held && !settled && length < heldBack.byteLength) {
      const frame = Math.min(heldBack.byteLength - length, MAX_FRAME);
      length += frame;
      count('stream', frame);
    }
    if (settled || length === 0) return;
    const all = heldBack.sublist(0, length);
    heldBack.consume(length);
    write(all);
  };

  const pauseStream = (): void => {
    // pause() inside of resume() is undone when resume() goes on, and the window then outgrows the read buffer.
    if (!resuming && stream.readStatus === 'readable') stream.pause();
  };

  const readStream = (): void => {
    if (settled || held || piecesWait() || stream.readStatus !== 'paused') return;
    resuming = true;
    try {
      stream.resume();
    } catch (error) {
      // The buffered bytes were handed out before the window update failed; without the remote's end more was to come.
      if (!remoteFinished) fail(asError(error));
    } finally {
      resuming = false;
    }
    if (mayNotWrite()) pauseStream();
    onStreamEnd();
  };

  const onStreamEnd = (): void => {
    // `end` may come before bytes that were pushed back by the negotiation of the protocol are read.
    if (settled || !stream.readableEnded || stream.readBufferLength > 0 || heldBack.byteLength > 0) return;
    if (piecesWait()) return;
    if (!remoteFinished || stream.status === 'reset' || stream.status === 'aborted') {
      fail(new BridgeError('the stream was cut'));
    } else if (!socket.writableEnded) socket.end();
  };

  const onStreamClose = (event: StreamCloseEvent): void => {
    if (event.error != null) fail(event.error);
    else if (!remoteFinished || !(ourHalfClosed || socket.readableEnded))
      fail(new BridgeError('the connection was lost'));
  };

  const pieces =
    betweenPieces &&
    new FirstPieces({
      ...{ put, between: betweenPieces },
      emptied: () => {
        if (!mayNotWrite()) readStream();
        onStreamEnd();
      },
    });
  const piecesWait = (): boolean => pieces !== undefined && pieces.waiting > 0;

  readStraight(socket, onSocketData);
  socket.once('end', onSocketEnd);
  socket.on('drain', readStream);
  socket.once('error', fail);
  socket.once('close', onSocketClose);
  stream.addEventListener('message', onMessage);
  stream.addEventListener('drain', onStreamDrain);
  stream.addEventListener('remoteCloseWrite', () => (remoteFinished = true));
  stream.addEventListener('end', onStreamEnd);
  stream.addEventListener('close', onStreamClose);

  if (socket.destroyed) fail(new BridgeError('the socket was closed'));
  else if (stream.status !== 'open') fail(new BridgeError('the stream was closed'));
  else {
    if (sent > 0) passed?.('socket', sent);
    // It may have come right behind the hello, while the tunnel was being opened, and is not told again: nobody would ever end the stream.
    if (socket.readableEnded) onSocketEnd();
    else if (!stream.writableNeedsDrain) socket.resume();
    queueMicrotask(onStreamEnd);
  }
  return {
    ended,
    cut: (reason) => fail(new BridgeError(reason)),
    hold: () => {
      held = true;
      // What comes from the stream next is held back, and pauses it.
      if (!settled) socket.pause();
    },
    release: () => {
      held = false;
      if (settled) return;
      if (passed !== undefined) writeHeldBack(passed);
      if (!mayNotWrite()) readStream();
      onStreamEnd();
      readSocket();
    },
    carried: () => ({ ...counts }),
    waiting: () =>
      heldBack.byteLength +
      (pieces?.waiting ?? 0) +
      stream.readBufferLength +
      stream.writeBufferLength +
      socket.readableLength,
  };
}

/** RST where the transport has one; a Unix socket has none, and mixing it with an orderly shutdown is an error in libuv. */
export function resetSocket(socket: Socket): void {
  if (socket.destroyed) return;
  if (socket.remoteFamily === undefined || socket.writableEnded) socket.destroy();
  else socket.resetAndDestroy();
}

function asError(value: unknown): Error {
  return value instanceof Error ? value : new BridgeError('an unknown value was thrown');
}

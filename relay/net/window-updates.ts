// How often a reader on Yamux gives its sender room: once for each half of a window that is as large as it gets, instead of for each frame. Within the protocol,
// so any peer understands it. Wraps the muxer of relay/net/node.ts.

import type { CreateStreamOptions, MessageStream, StreamMuxer, StreamMuxerFactory } from '@libp2p/interface';
import { changingMuxers } from '../../src/net/change-muxers.ts';

/** What is used of Yamux beyond its interface (@chainsafe/libp2p-yamux 8). */
type YamuxStream = MessageStream & {
  recvWindow: number;
  recvWindowCapacity: number;
  maxStreamWindowSize: number;
  sendWindowUpdate: () => void;
};
type YamuxMuxer = StreamMuxer & {
  onCreateStream: (options: CreateStreamOptions) => YamuxStream;
  onRemoteStream: (stream: YamuxStream) => void;
};

export function updatingByHalves<C>(
  make: (components: C) => StreamMuxerFactory,
): (components: C) => StreamMuxerFactory {
  return changingMuxers(make, (muxer) => {
    if (!isYamux(muxer)) return;
    const create = muxer.onCreateStream.bind(muxer);
    muxer.onCreateStream = (options) => updateByHalves(create(options));
    const receive = muxer.onRemoteStream.bind(muxer);
    muxer.onRemoteStream = (stream) => receive(updateByHalves(stream));
  });
}

/** An update is a message of Noise and a system call of its own on both sides. Until the window is full size each may double it, and all go out; then the sender lacks nothing while it has half. */
function updateByHalves(stream: YamuxStream): YamuxStream {
  const update = stream.sendWindowUpdate.bind(stream);
  stream.sendWindowUpdate = () => {
    const { recvWindow, recvWindowCapacity, maxStreamWindowSize } = stream;
    // A window grows only after the stream is open on both sides: what says so is never left out.
    if (recvWindow < maxStreamWindowSize || recvWindowCapacity <= recvWindow / 2) update();
  };
  return stream;
}

function isYamux(muxer: StreamMuxer): muxer is YamuxMuxer {
  return 'onCreateStream' in muxer && 'onRemoteStream' in muxer;
}

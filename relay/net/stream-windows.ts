// How Yamux gives a sender room on tunnels: more of it from the start, and not anew for every frame. Both are within the protocol, so any peer
// understands them. Wraps the muxer of relay/net/node.ts.

import type { CreateStreamOptions, MessageStream, StreamMuxer, StreamMuxerFactory } from '@libp2p/interface';

/** What is used of Yamux beyond its interface (@chainsafe/libp2p-yamux 8). */
type YamuxStream = MessageStream & {
  state: number;
  recvWindow: number;
  recvWindowCapacity: number;
  sendWindowUpdate: () => void;
};
type YamuxMuxer = StreamMuxer & {
  onCreateStream: (options: CreateStreamOptions) => YamuxStream;
  onRemoteStream: (stream: YamuxStream) => void;
};

/** Its `StreamState`s in which an update says more than how much room there is: that the stream opens, that it is accepted; and that in which none is sent. */
const OPENING = 0;
const ACCEPTING = 2;
const PAUSED = 5;

/**
 * @param window what the other side may send at once on a stream of `protocol` that is opened here, instead of 256 KiB. It goes along with the opening, and is
 * a promise only: nothing is set aside for it.
 */
export function withWindows<C>(
  make: (components: C) => StreamMuxerFactory,
  { protocol, window }: { protocol: string; window: number },
): (components: C) => StreamMuxerFactory {
  return (components) => {
    const factory = make(components);
    const createMuxer = factory.createStreamMuxer.bind(factory);
    factory.createStreamMuxer = (connection) => {
      const muxer = createMuxer(connection);
      if (!isYamux(muxer)) return muxer;
      const create = muxer.onCreateStream.bind(muxer);
      muxer.onCreateStream = (options) => {
        const stream = create(options);
        if (options.protocol === protocol) stream.recvWindow = window;
        return updatingByHalves(stream);
      };
      const receive = muxer.onRemoteStream.bind(muxer);
      muxer.onRemoteStream = (stream) => receive(updatingByHalves(stream));
      return muxer;
    };
    return factory;
  };
}

/** An update is a message of Noise and a system call of its own on both sides; the library sends one for each frame. The sender never waits for one while it has half. */
function updatingByHalves(stream: YamuxStream): YamuxStream {
  const update = stream.sendWindowUpdate.bind(stream);
  stream.sendWindowUpdate = () => {
    const { state, recvWindow, recvWindowCapacity } = stream;
    const isOnlyRoom = state !== OPENING && state !== ACCEPTING && state !== PAUSED;
    if (!isOnlyRoom || recvWindowCapacity <= recvWindow / 2) update();
  };
  return stream;
}

function isYamux(muxer: StreamMuxer): muxer is YamuxMuxer {
  return 'onCreateStream' in muxer && 'onRemoteStream' in muxer;
}

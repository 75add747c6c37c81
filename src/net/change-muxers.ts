// Every muxer that a factory makes is changed before libp2p has it: what a muxer does beyond its interface is not among its options.

import type { StreamMuxer, StreamMuxerFactory } from '@libp2p/interface';

/** The same factory, whose muxers `change` has seen. Called by presumed-protocol.ts and relay/net/window-updates.ts. */
export function changingMuxers<C>(
  make: (components: C) => StreamMuxerFactory,
  change: (muxer: StreamMuxer) => void,
): (components: C) => StreamMuxerFactory {
  return (components) => {
    const factory = make(components);
    const createMuxer = factory.createStreamMuxer.bind(factory);
    factory.createStreamMuxer = (connection) => {
      const muxer = createMuxer(connection);
      change(muxer);
      return muxer;
    };
    return factory;
  };
}

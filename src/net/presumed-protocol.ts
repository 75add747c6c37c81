// Spares the round trip in which the other side of a stream says that it speaks the protocol. multistream-select asks and waits; of a protocol that every relay speaks the answer is known, so it is given to
// this side at once, what is sent goes along with the question, and the real answer is looked at when it comes. go-libp2p does so for every stream of one protocol (its "lazy" negotiation).
// Used by the worker (src/net/entry-client.ts) and by relays (relay/net/node.ts).

import {
  UnsupportedProtocolError,
  type MessageStream,
  type StreamMuxerFactory,
  type Transport,
  type Upgrader,
} from '@libp2p/interface';
import { changingMuxers } from './change-muxers.ts';

/** https://github.com/multiformats/multistream-select */
const MULTISTREAM = '/multistream/1.0.0';

type Data = Parameters<MessageStream['send']>[0];
/** libp2p's streams take what came by this; of the interface it is no part. */
type Receiving = MessageStream & { onData: (data: Data) => void };

/**
 * The next thing that is said on this stream is a question for the protocol. Another answer than yes ends it with `UnsupportedProtocolError`: what was sent meanwhile was for somebody who understands it, and
 * is nothing that others must not see.
 */
export function presumeProtocol(stream: MessageStream, protocol: string): void {
  if (!isReceiving(stream)) return;
  const answer = new Uint8Array([...line(MULTISTREAM), ...line(protocol)]);
  const receive = stream.onData.bind(stream);
  let left = answer;
  stream.onData = (data) => {
    const came = data.subarray();
    const expected = left.subarray(0, came.length);
    if (expected.some((byte, index) => byte !== came[index])) {
      stream.abort(new UnsupportedProtocolError(`the other side does not speak ${protocol}`));
      return;
    }
    left = left.subarray(expected.length);
    if (left.length > 0) return;
    stream.onData = receive;
    receive(came.subarray(expected.length));
  };
  receive(answer);
}

/** A muxer whose new streams of these protocols are presumed to be spoken. */
export function presuming<C>(
  make: (components: C) => StreamMuxerFactory,
  protocols: readonly string[],
): (components: C) => StreamMuxerFactory {
  return changingMuxers(make, (muxer) => {
    const createStream = muxer.createStream.bind(muxer);
    muxer.createStream = async (options) => {
      const stream = await createStream(options);
      const protocol = options?.protocol;
      if (protocol !== undefined && protocols.includes(protocol)) presumeProtocol(stream, protocol);
      return stream;
    };
  });
}

/** A transport whose dialled connections are presumed to be secured by this protocol. */
export function presumingSecurity<C>(
  make: (components: C) => Transport,
  protocol: string,
): (components: C) => Transport {
  return (components) => {
    const transport = make(components);
    const dial = transport.dial.bind(transport);
    transport.dial = (address, options) => {
      const { upgrader } = options;
      const upgradeOutbound: Upgrader['upgradeOutbound'] = (connection, how) => {
        presumeProtocol(connection, protocol);
        return upgrader.upgradeOutbound(connection, how as Parameters<Upgrader['upgradeOutbound']>[1]);
      };
      return dial(address, {
        ...options,
        upgrader: Object.assign(Object.create(upgrader) as Upgrader, { upgradeOutbound }),
      });
    };
    return transport;
  };
}

/** As it goes over the wire: its length, itself, a line's end. */
function line(text: string): Uint8Array {
  // A length of one byte: below 128.
  return new TextEncoder().encode(`${String.fromCharCode(text.length + 1)}${text}\n`);
}

function isReceiving(stream: MessageStream): stream is Receiving {
  return 'onData' in stream && typeof stream.onData === 'function';
}

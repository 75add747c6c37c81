// Where sessions arrive at a payee: each stream of the protocol is frames in, frames out, around one payee-session. It bounds what a peer can make the relay hold
// and do; what the messages mean it does not know. Called by relay/relay.ts.

import type { Connection, Stream } from '@libp2p/interface';
import type { Logger } from 'pino';
import { encodeFrame, FrameReader } from '../../src/core/wire/frames.ts';
import { encodeSessionMessage, type SessionMessage } from '../../src/core/wire/session-messages.ts';
import { SESSION_PROTOCOL, TRANSIT_PROTOCOL } from '../../src/core/wire/session-protocol.ts';
import { WireError } from '../../src/core/wire/wire-error.ts';
import { peerLabel } from '../identity.ts';
import type { RelayNode } from '../net/node.ts';
import { MAX_STREAMS_PER_CONNECTION, RATE_PAUSE_MS, STREAM_IDLE_MS } from './limits.ts';
import type { Payee } from './payee.ts';
import { PayeeSession } from './payee-session.ts';

/** What a payer that does not read may have waiting: a hundred meters. */
const MAX_UNSENT_BYTES = 16 * 1024;

/** Why a stream was cut. It goes no further than libp2p's own trace. */
class SessionStreamError extends Error {
  override readonly name = 'SessionStreamError';
}

/** Registers the protocol of the payee's role on the node. */
export async function handleSessions(node: RelayNode, payee: Payee, log: Logger): Promise<void> {
  const protocol = payee.init.role === 'session' ? SESSION_PROTOCOL : TRANSIT_PROTOCOL;
  await node.handle(protocol, (stream, connection) => serve(payee, stream, connection, log), {
    maxInboundStreams: MAX_STREAMS_PER_CONNECTION,
  });
}

function serve(payee: Payee, stream: Stream, connection: Connection, log: Logger): void {
  const address = addressOf(connection);
  if (address === undefined) {
    stream.abort(new SessionStreamError('the other end has no address'));
    return;
  }
  const { remotePeer } = connection;
  const payer = { peer: peerLabel(remotePeer), peerId: remotePeer.toString(), address };
  const { clock } = payee.init;
  const reader = new FrameReader();
  const waiting: Uint8Array[] = [];
  let working = false;
  let over = false;
  let remoteEnded = false;
  let stopIdling: (() => void) | undefined;

  const cut = (reason: string): void => {
    if (!over) stream.abort(new SessionStreamError(reason));
    end();
  };

  const end = (): void => {
    if (over) return;
    over = true;
    waiting.length = 0;
    stopIdling?.();
    session.gone();
  };

  const send = (message: SessionMessage): void => {
    if (over || stream.status !== 'open') return;
    stayAwake();
    try {
      stream.send(encodeFrame(encodeSessionMessage(message)));
    } catch {
      // The payer is gone already.
      cut('the stream cannot be written');
      return;
    }
    if (stream.writeBufferLength > MAX_UNSENT_BYTES) cut('the payer does not read');
  };

  const stayAwake = (): void => {
    stopIdling?.();
    stopIdling = clock.later(STREAM_IDLE_MS, () => void finish());
  };

  /** Ends our half in order, so that what was said last arrives. */
  const finish = async (): Promise<void> => {
    end();
    await stream.close().catch((error: unknown) => stream.abort(error as Error));
  };

  const work = async (): Promise<void> => {
    if (working) return;
    working = true;
    try {
      for (let bytes = waiting.shift(); bytes !== undefined && !over; bytes = waiting.shift()) {
        const next = await session.take(bytes);
        if (next === 'reset') cut('the payer breaks the protocol');
        else if (next === 'end') await finish();
        else if (next === 'rest') await rest();
      }
    } catch (error) {
      log.error({ event: 'relay-fault', fault: error instanceof Error ? error.name : 'unknown' });
      cut('a fault of this relay');
    } finally {
      working = false;
    }
    if (over) return;
    if (stream.readStatus === 'paused') stream.resume();
    // Resuming hands out what was held back; when that was nothing, this was all.
    if (remoteEnded && waiting.length === 0 && stream.readBufferLength === 0) await finish();
  };

  /** What has come already is not looked at, and nothing more is read for a while. */
  const rest = async (): Promise<void> => {
    waiting.length = 0;
    const { promise, resolve } = Promise.withResolvers<undefined>();
    clock.later(RATE_PAUSE_MS, () => resolve(undefined));
    await promise;
  };

  const session = new PayeeSession(payee, payer, send);
  stream.addEventListener('message', ({ data }) => {
    if (over) return;
    stayAwake();
    try {
      for (const piece of data instanceof Uint8Array ? [data] : data) waiting.push(...reader.push(piece));
    } catch (error) {
      // Nothing tells where the next message starts.
      cut(error instanceof WireError ? error.code : 'not a message');
      return;
    }
    if (waiting.length === 0) return;
    // One message at a time; the rest waits with its sender.
    if (stream.readStatus === 'readable') stream.pause();
    void work();
  });
  stream.addEventListener('remoteCloseWrite', () => {
    remoteEnded = true;
    if (!working) void work();
  });
  stream.addEventListener('close', end);
  stayAwake();
}

/** The IP address at the other end, as the connection has it. */
function addressOf({ remoteAddr }: Connection): string | undefined {
  return remoteAddr.getComponents().find(({ name }) => name === 'ip4' || name === 'ip6')?.value;
}

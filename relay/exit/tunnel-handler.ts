// Where tunnels arrive at an exit: each stream of the tunnel protocol is joined to a connection of its own to the exit's proxy.
// It copies bytes and knows nothing of TLS, HTTP or destinations. Called by relay/exit/exit.ts.

import { connect, type Socket } from 'node:net';
import type { Stream } from '@libp2p/interface';
import type { PeerLabel } from '../../src/core/tunnel/circuit-name.ts';
import { TUNNEL_STATUS } from '../../src/core/tunnel/protocol.ts';
import type { Bandwidth } from '../net/bandwidth.ts';
import { BIG_READS } from '../net/big-reads.ts';
import { PayerMeter } from '../net/payer-meter.ts';
import { hasCredit, type TunnelMeter } from '../net/tunnel-meter.ts';
import type { TunnelSet } from '../net/tunnel-set.ts';
import type { Shortage } from '../operations/pressure.ts';

/** A Unix socket of this machine connects at once, or its listener is gone or overwhelmed. */
const CONNECT_TIMEOUT_MS = 5000;

export type TunnelHandler = {
  /** @param entry whose connection the stream came on */
  handle(stream: Stream, entry: PeerLabel): Promise<void>;
  /** Refuses every later tunnel. */
  drain(): void;
};

export type TunnelHandlerInit = {
  /** Unix socket of the exit's proxy, for tunnels of that entry. */
  proxyPath: (entry: PeerLabel) => string;
  tunnels: TunnelSet;
  /** Who is charged for the tunnels of an entry: a link, never a client of it. Undefined: refused. Where it is missing, nobody is charged. */
  meterOf?: ((entry: PeerLabel) => TunnelMeter | undefined) | undefined;
  bandwidth?: Bandwidth | undefined;
  /** Whether the process has room for another tunnel. Missing: always. */
  shortage?: (() => Shortage | undefined) | undefined;
  onRefused?: ((code: TunnelRefusal) => void) | undefined;
  /** Looks whether what the proxy was just given was a flood: of who sends much, before it is given more. */
  lookAtYoung?: (() => void) | undefined;
};

export type TunnelRefusal = Exclude<keyof typeof TUNNEL_STATUS, 'accepted'>;

export function createTunnelHandler(init: TunnelHandlerInit): TunnelHandler {
  const { proxyPath, tunnels, meterOf, bandwidth, shortage, onRefused, lookAtYoung = () => undefined } = init;
  let draining = false;
  /** One for each entry that has paid, which are those that the exit dials. */
  const payers = new Map<PeerLabel, PayerMeter>();
  const payerOf = (entry: PeerLabel): TunnelMeter | undefined => {
    const account = meterOf?.(entry);
    if (account === undefined) return undefined;
    const payer = payers.get(entry) ?? new PayerMeter(account);
    payer.change(account);
    payers.set(entry, payer);
    return payer;
  };
  const refuse = async (stream: Stream, code: TunnelRefusal): Promise<void> => {
    onRefused?.(code);
    try {
      stream.send(Uint8Array.of(TUNNEL_STATUS[code]));
      await stream.close();
    } catch {
      // The entry is gone already: nobody is left to be told.
    }
  };
  return {
    handle: async (stream, entry) => {
      if (draining) {
        await refuse(stream, 'draining');
        return;
      }
      if (shortage?.() !== undefined) {
        await refuse(stream, 'busy');
        return;
      }
      const meter = payerOf(entry);
      if (meterOf !== undefined && (meter === undefined || !(await hasCredit(meter)))) {
        await refuse(stream, 'unpaid');
        return;
      }
      const socket = await connectProxy(proxyPath(entry));
      if (socket === undefined) {
        await refuse(stream, 'unavailable');
        return;
      }
      try {
        stream.send(Uint8Array.of(TUNNEL_STATUS.accepted));
      } catch {
        // The entry is gone already.
        socket.destroy();
        return;
      }
      tunnels.join(socket, stream, {
        ...{ meter, share: bandwidth?.enter({ link: entry }) },
        betweenPieces: lookAtYoung,
      });
    },
    drain: () => (draining = true),
  };
}

function connectProxy(path: string): Promise<Socket | undefined> {
  const { promise, resolve } = Promise.withResolvers<Socket | undefined>();
  const socket = connect({ path, allowHalfOpen: true, onread: BIG_READS });
  const timer = setTimeout(() => socket.destroy(), CONNECT_TIMEOUT_MS);
  socket.on('error', () => undefined);
  socket.once('close', () => {
    clearTimeout(timer);
    resolve(undefined);
  });
  socket.once('connect', () => {
    clearTimeout(timer);
    socket.pause();
    resolve(socket);
  });
  return promise;
}

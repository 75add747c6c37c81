// Attacks on an entry's connections: hellos that come slowly, do not come, or come too often.

import { randomBytes } from 'node:crypto';
import { makeHello } from '../support/relay-hello.ts';
import { attackerAddress, dial, hold } from './open.ts';
import type { Attack } from './target.ts';

/** More than the entry waits for at once (relay/entry/admission.ts). */
const FLOOD = 2_500;
const BYTE_MS = 1_000;

/** Slowloris: one byte of a hello in a second. @param sources addresses that it comes from */
function slowHello(sources: number): Attack {
  return (target, signal) => {
    const hello = makeHello({ serverName: target.serverName });
    const open = (index: number) => {
      const socket = dial(target.tunnels, attackerAddress(index % sources));
      let at = 50;
      socket.write(hello.subarray(0, at));
      const drip = setInterval(() => socket.write(hello.subarray(at, (at += 1))), BYTE_MS);
      socket.once('close', () => clearInterval(drip));
      return socket;
    };
    return hold(FLOOD, open, signal, 4);
  };
}

/** Connections that say nothing, half of them ended by the client at once and then held. */
const halfOpen: Attack = (target, signal) =>
  hold(
    FLOOD,
    (index) => {
      const socket = dial(target.tunnels, attackerAddress(index));
      if (index % 2 === 0) socket.end();
      socket.resume();
      return socket;
    },
    signal,
    4,
  );

/** As many tunnels in a minute as it can get, each reset after its hello. */
const tunnelsOfOnePrefix: Attack = (target, signal) => {
  const hello = makeHello({ serverName: target.serverName });
  const open = (index: number) => {
    const socket = dial(target.tunnels, attackerAddress(index));
    socket.write(hello, () => socket.resetAndDestroy());
    return socket;
  };
  return hold(100, open, signal, 2);
};

/** Bytes without sense on both ports of the entry. */
const garbage: Attack = (target, signal) => {
  const open = (index: number) => {
    const socket = dial(index % 2 === 0 ? target.tunnels : target.libp2p, attackerAddress(index));
    // Every other one begins as the port's own protocol does: a TLS record, or multistream-select.
    const beginnings = [Buffer.from([22, 3, 1]), Buffer.from('\x13/multistream/1.0.0\n\x07/noise\n')];
    const beginning = index % 4 < 2 ? Buffer.alloc(0) : beginnings[index % 2]!;
    socket.write(Buffer.concat([beginning, randomBytes(2_000)]));
    socket.resume();
    return socket;
  };
  return hold(200, open, signal, 2);
};

export const CONNECTION_ATTACKS: Record<string, Attack> = {
  'slow hellos of one address': slowHello(1),
  'slow hellos of 250 addresses': slowHello(250),
  'connections without a hello': halfOpen,
  'tunnels of one prefix': tunnelsOfOnePrefix,
  'garbage on both ports': garbage,
};

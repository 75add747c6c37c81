// The port that relays connect to, below its protocols: the choice of protocols and Noise in clear, the handshake's signature, frames of Yamux inside of Noise.

import { DIRECTORY_PROTOCOL } from '../../../src/core/directory/directory-messages.ts';
import { TUNNEL_PROTOCOL } from '../../../src/core/tunnel/protocol.ts';
import { dialTcp, converse } from '../conversation.ts';
import { openings, yamuxFrames } from '../corpus/libp2p-bytes.ts';
import { changeBytes, drawBytes } from '../mutate.ts';
import { input, inputs, type Round, type Surface } from '../surface.ts';

const OPENINGS = openings();
const FRAMES = yamuxFrames([
  '/ipfs/ping/1.0.0',
  '/ipfs/id/1.0.0',
  DIRECTORY_PROTOCOL,
  TUNNEL_PROTOCOL,
  '/no/such/1.0.0',
]);
const CONNECTIONS = 10;
/** On one connection: most relays' answer to a wrong frame is the end. */
const FRAMES_ON_ONE = 30;

const beginnings: Surface = {
  weight: 50,
  hands: 4,
  round: async (round) => {
    for (let made = 0; made < CONNECTIONS && !round.signal.aborted; made += 1) {
      const socket = await dialTcp(round.target.entry.libp2p, round.localAddress);
      await converse(socket, inputs(round, 'bytes', OPENINGS, 3), round, () => 'bytes');
    }
  },
};

const handshakes: Surface = {
  weight: 2,
  hands: 1,
  round: async (round) => {
    const { random, isValid, localAddress, target } = round;
    const lie = (signature: Uint8Array): Uint8Array =>
      random.draw() < 0.5
        ? changeBytes(random, Buffer.from(signature), signature)
        : drawBytes(random, random.pick([0, 1, 63, 64, 65, 5_000]));
    try {
      const stranger = await round.strangers.meet({
        ...{ address: target.entry.address, localAddress },
        ...(isValid ? {} : { lie }),
      });
      round.answered('let in');
      await stranger.leave();
    } catch {
      round.answered('refused');
    }
    round.sent();
  },
};

function isOpen({ status }: { status: string }): boolean {
  return status === 'open';
}

const frames: Surface = {
  weight: 60,
  hands: 3,
  round: async (round) => {
    const { localAddress, target, signal } = round;
    const { connection, raw, leave } = await round.strangers.meet({ address: target.entry.address, localAddress });
    try {
      const list = round.isValid ? FRAMES.slice(0, 9) : FRAMES;
      for (let made = 0; made < FRAMES_ON_ONE && !signal.aborted; made += 1) {
        if (!isOpen(connection) || !isOpen(raw)) break;
        raw.send(input(round, 'bytes', list));
        round.sent();
        await afterATurn(round);
        round.answered(isOpen(connection) ? 'goes on' : 'ended');
      }
    } finally {
      await leave();
    }
  },
};

/** Of the relay's event loop, ms. */
const TURN_MS = 2;

/** Long enough for the relay to end the connection, which is what it does at once or not at all. */
async function afterATurn({ signal }: Round): Promise<void> {
  await new Promise<void>((resolve) => {
    const timer = setTimeout(done, TURN_MS);
    function done(): void {
      clearTimeout(timer);
      signal.removeEventListener('abort', done);
      resolve();
    }
    signal.addEventListener('abort', done);
  });
}

export const LIBP2P_PORT = {
  'first bytes at the libp2p port': beginnings,
  'handshakes with a wrong signature': handshakes,
  'frames of Yamux': frames,
};

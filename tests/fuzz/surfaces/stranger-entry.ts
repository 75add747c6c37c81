// An exit dials its entries, and one of them is a stranger's: tunnels to the exit's door whose first bytes are no hello of a browser, and a payer that is none.

import type { Connection } from '@libp2p/interface';
import { setTimeout as delay } from 'node:timers/promises';
import { TUNNEL_PROTOCOL, TUNNEL_STATUS } from '../../../src/core/tunnel/protocol.ts';
import { TRANSIT_PROTOCOL } from '../../../src/core/wire/session-protocol.ts';
import { hellos } from '../corpus/hellos.ts';
import { HungUpError } from '../conversation.ts';
import { drawBytes } from '../mutate.ts';
import { input, perTarget, type Round, type Surface } from '../surface.ts';
import { openStream, speakAsPayer } from './protocols.ts';

const corpusOf = perTarget(({ exit }) => hellos(exit.name));
const STREAMS = 20;
/** A payee reads nothing for so long of a peer that sent too much (relay/session/limits.ts), and this peer has one key. */
const PAUSE_MS = 1_000;
/** An exit that lost its entry dials it again after that, or later. */
const REDIAL_MS = 250;

async function exitThatSpeaks(round: Round, protocol: string): Promise<Connection> {
  for (const connection of round.strangers.exits()) {
    try {
      const { stream } = await openStream(connection, protocol);
      stream.abort(new HungUpError('it does'));
      return connection;
    } catch {
      // The other one, or nobody just now.
    }
  }
  await delay(REDIAL_MS, undefined, { signal: round.signal });
  throw new HungUpError('no exit is there');
}

/** The status may have come before the hello was said. */
function wordOf([first = 0]: Buffer): string {
  return first < Object.keys(TUNNEL_STATUS).length ? `status ${first}` : 'TLS of the exit';
}

const doors: Surface = {
  weight: 25,
  hands: 4,
  round: async (round) => {
    const { random, signal } = round;
    const corpus = await corpusOf(round.target);
    const connection = await exitThatSpeaks(round, TUNNEL_PROTOCOL);
    for (let made = 0; made < STREAMS && connection.status === 'open' && !signal.aborted; made += 1) {
      const conversation = await openStream(connection, TUNNEL_PROTOCOL);
      const answer = await conversation.say(input(round, 'bytes', corpus));
      round.sent();
      round.answered(answer.length > 0 ? wordOf(answer) : conversation.isOver() ? 'ended' : 'nothing');
      if (!round.isValid && !conversation.isOver() && random.draw() < 0.3) {
        await conversation.say(drawBytes(random, random.pick([1, 100, 5_000])));
        round.sent();
      }
      if (random.draw() < 0.5) await conversation.end();
      else conversation.stream.abort(new HungUpError('broken off'));
    }
  },
};

const transit: Surface = {
  weight: 2,
  hands: 1,
  round: async (round) => {
    const connection = await exitThatSpeaks(round, TRANSIT_PROTOCOL);
    const conversation = await openStream(connection, TRANSIT_PROTOCOL);
    const goesOn = await speakAsPayer(round, conversation, true);
    await conversation.end();
    if (!goesOn) await delay(PAUSE_MS, undefined, { signal: round.signal });
  },
};

export const STRANGER_ENTRY = { [TUNNEL_PROTOCOL]: doors, [TRANSIT_PROTOCOL]: transit };

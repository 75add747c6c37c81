// The port that browsers connect to: a ClientHello a connection, in one piece or several.

import { Conversation, dialTcp } from '../conversation.ts';
import { hellos } from '../corpus/hellos.ts';
import { input, perTarget, type Round, type Surface } from '../surface.ts';

/** Of one source within the entry's limit of new ones. */
const CONNECTIONS = 20;
/** Where a wrong hello leads nowhere: the form is right, and nobody is there. */
const NOBODY = '127-0-1-31.k51qzi5uqu5djdhr0b1ghgwmpt1xiuh1bmyju72uuyebsqfd0tyoqhy136gf4r.relay.test';

const corpusOf = perTarget(({ entry, exit }) => hellos(exit.name, entry.ownName, NOBODY, 'www.example.org', ''));

async function sayHello(round: Round, corpus: readonly Uint8Array[]): Promise<void> {
  const { random, target } = round;
  const socket = await dialTcp(target.entry.tunnels, round.localAddress);
  const conversation = new Conversation(socket);
  const hello = input(round, 'bytes', corpus);
  const cut = random.draw() < 0.3 ? random.between(0, hello.length) : 0;
  if (cut > 0) socket.write(hello.subarray(0, cut));
  // Some say all at once, and end: what comes with the hello must not be lost, the end least of all.
  const answer = await conversation.say(hello.subarray(cut), { isLast: random.draw() < 0.2 });
  round.sent();
  round.answered(wordOf(answer, conversation.isOver()));
  await conversation.end();
}

/** RFC 8446 §6: an alert is a record of its own. */
function wordOf(answer: Buffer, isOver: boolean): string {
  if (answer.length === 0) return isOver ? 'reset' : 'nothing';
  return answer[0] === 21 && answer.length === 7 ? `alert ${answer[6]}` : 'TLS of the exit';
}

const hello: Surface = {
  weight: 70,
  hands: 6,
  round: async (round) => {
    const corpus = await corpusOf(round.target);
    for (let made = 0; made < CONNECTIONS && !round.signal.aborted; made += 1) await sayHello(round, corpus);
  },
};

export const TUNNEL_PORT = { 'hellos at the tunnel port': hello };

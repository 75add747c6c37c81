// The exit's proxy as a client has it, through a tunnel: requests of HTTP/1.1, and frames of HTTP/2 for checks, speed tests, plain http and CONNECT.

import { frame, PREFACE } from '../../support/exit-frames.ts';
import { Conversation, dialTls, statusOf } from '../conversation.ts';
import { HTTP2, http2Conversations, proxyRequests } from '../corpus/http.ts';
import { BOUNDARIES, drawBytes, mutate, shuffled } from '../mutate.ts';
import { input, perTarget, type Round, type Surface } from '../surface.ts';

const requestsOf = perTarget(({ authority, exit }) => proxyRequests(authority, exit.at));
const REQUESTS = 12;

const dial = ({ target, localAddress }: Round, alpn: string) =>
  dialTls(target.entry.tunnels, localAddress, { servername: target.exit.name, ca: target.ca, ALPNProtocols: [alpn] });

const http1: Surface = {
  weight: 30,
  hands: 5,
  round: async (round) => {
    const conversation = new Conversation(await dial(round, 'http/1.1'));
    for (let made = 0; made < REQUESTS && !conversation.isOver() && !round.signal.aborted; made += 1) {
      const request = input(round, 'text', requestsOf(round.target));
      const answer = await conversation.say(request);
      round.sent();
      const status = answer.length > 0 ? statusOf(answer) : conversation.isOver() ? 'ended' : 'nothing';
      round.answered(status);
      // From here on it is the site's.
      if (status === '200' && request.subarray(0, 7).toString() === 'CONNECT') break;
    }
    await conversation.end();
  },
};

const EXCHANGES = 25;
/** Numbers of one exchange: http2Conversations has nine streams. */
const STREAMS = 20;

/** What is wrong with them: the order, a frame's head, what is in it, or that one is missing or comes twice. */
function mutateFrames({ random }: Round, frames: readonly Buffer[]): Buffer[] {
  const at = random.between(0, frames.length - 1);
  const one = frames[at]!;
  const [type, flags, stream, payload] = [one[3]!, one[4]!, one.readUInt32BE(5), one.subarray(9)];
  const instead = (...by: Buffer[]): Buffer[] => frames.toSpliced(at, 1, ...by);
  switch (random.between(0, 9)) {
    case 0:
      return instead();
    case 1:
      return instead(one, one);
    case 2:
      return shuffled(random, frames);
    case 3:
      return instead(frame(random.between(0, 15), flags, stream, payload));
    case 4:
      return instead(frame(type, random.between(0, 255), stream, payload));
    case 5:
      return instead(frame(type, flags, Number(random.pick(BOUNDARIES) & 0xffff_ffffn), payload));
    case 6: {
      // A length that lies.
      const lying = Buffer.from(one);
      lying.writeUIntBE(Number(random.pick(BOUNDARIES) & 0xff_ffffn), 0, 3);
      return instead(lying);
    }
    case 7:
      return instead(frame(type, flags, stream, mutate(random, 'bytes', [payload.length > 0 ? payload : one])));
    case 8:
      return instead(one, frame(HTTP2.window, 0, stream, Buffer.from([0x7f, 0xff, 0xff, 0xff])));
    default:
      return instead(one, frame(random.between(0, 9), 0, stream, drawBytes(random, random.between(0, 40))));
  }
}

const http2: Surface = {
  weight: 50,
  hands: 6,
  round: async (round) => {
    const { target, random } = round;
    const conversation = new Conversation(await dial(round, 'h2'));
    await conversation.say(PREFACE);
    for (let made = 0; made < EXCHANGES && !conversation.isOver() && !round.signal.aborted; made += 1) {
      const frames = random.pick(http2Conversations(target.authority, target.exit.at, 1 + STREAMS * made));
      const sent = round.isValid ? frames : mutateFrames(round, frames);
      if (sent.length === 0) continue;
      const answer = await conversation.say(Buffer.concat(sent));
      round.sent();
      round.answered(answer.length > 0 ? 'frames' : conversation.isOver() ? 'ended' : 'nothing');
    }
    await conversation.end();
  },
};

export const PROXY = { 'HTTP/1.1 to the exit': http1, 'HTTP/2 to the exit': http2 };

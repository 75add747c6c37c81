// What relays ask of strangers, and are answered: identify, the directory, tunnels and payments at an exit that is the stranger's.

import { generateKeyPair } from '@libp2p/crypto/keys';
import type { Stream } from '@libp2p/interface';
import { deflateRawSync } from 'node:zlib';
import { formatCircuitName } from '../../../src/core/tunnel/circuit-name.ts';
import { TUNNEL_PROTOCOL } from '../../../src/core/tunnel/protocol.ts';
import { DIRECTORY_PROTOCOL } from '../../../src/core/directory/directory-messages.ts';
import { encodeSessionMessage } from '../../../src/core/wire/session-messages.ts';
import { TRANSIT_PROTOCOL } from '../../../src/core/wire/session-protocol.ts';
import { makeHello } from '../../support/relay-hello.ts';
import { ZONE } from '../../support/relay-process.ts';
import { Conversation, dialTcp } from '../conversation.ts';
import { makePages, pageOf, questions, type Pages } from '../corpus/directory.ts';
import { identifyMessage } from '../corpus/identify.ts';
import { sessionBodies } from '../corpus/session.ts';
import { framed, wordsOf } from '../frames.ts';
import { drawBytes, mutate } from '../mutate.ts';
import type { Handlers, Stranger, StrangerInit } from '../strangers.ts';
import { input, perTarget, type Round, type Surface } from '../surface.ts';
import { openStream } from './protocols.ts';

/** A relay asks as soon as it knows the stranger, or not at all. */
const ASK_MS = 500;
const IDENTIFY_PROTOCOL = '/ipfs/id/1.0.0';

/** Answers as the handlers do for as long as the relay asks. @param first what is done when it is there */
async function beAsked(
  round: Round,
  init: Omit<StrangerInit, 'localAddress' | 'lie'>,
  first: (stranger: Stranger) => Promise<void>,
): Promise<void> {
  const stranger = await round.strangers.meet({ ...init, localAddress: round.localAddress });
  try {
    await first(stranger);
  } finally {
    await stranger.leave();
  }
}

/** Resolves when the relay has asked, or will not. */
function asking(): { asked: () => void; until: () => Promise<void> } {
  const { promise, resolve } = Promise.withResolvers<undefined>();
  return {
    asked: () => resolve(undefined),
    until: async () => {
      const timer = setTimeout(() => resolve(undefined), ASK_MS);
      await promise;
      clearTimeout(timer);
    },
  };
}

/** Of a stream that may be over: that is the relay's to decide. */
function tell(stream: Stream, bytes: Uint8Array): void {
  if (stream.writeStatus === 'writable') stream.send(bytes);
}

function sendAll(stream: Stream, messages: readonly Uint8Array[]): void {
  for (const message of messages) tell(stream, message);
  void stream.close({ signal: AbortSignal.timeout(ASK_MS) }).catch(() => undefined);
}

/** Protocols that a stranger says it speaks: an exit, and two that are none. */
const CLAIMS = [[TUNNEL_PROTOCOL, '/ipfs/ping/1.0.0'], ['/ipfs/ping/1.0.0'], []];

const identified: Surface = {
  weight: 6,
  hands: 3,
  round: async (round) => {
    const { asked, until } = asking();
    const privateKey = await generateKeyPair('Ed25519');
    const handlers: Handlers = {
      [IDENTIFY_PROTOCOL]: (stream) => {
        const corpus = CLAIMS.map((protocols) => identifyMessage(privateKey.publicKey, protocols));
        const messages = Array.from({ length: round.isValid ? 1 : round.random.between(1, 4) }, () =>
          framed(round, input(round, 'protobuf', corpus)),
        );
        sendAll(stream, messages);
        round.sent(messages.length);
        stream.addEventListener('close', asked);
      },
    };
    const init = { address: round.target.entry.address, handlers, privateKey, isIdentifiedByHandler: true };
    await beAsked(round, init, async ({ connection }) => {
      await until();
      round.answered(connection.status === 'open' ? 'goes on' : 'ended');
    });
  },
};

/** Of the peer and the payee. */
const SIGNATURES_OF_ONE = 129;

const pagesOf = perTarget(() => makePages());

/** Wrong in its message, in what is compressed, in a descriptor, or in how many there are. */
function nextPage({ random, isValid }: Round, { pages, columns, descriptors }: Pages): Buffer {
  const kind = random.draw();
  if (isValid) return random.pick(pages);
  if (kind < 0.4) return mutate(random, 'protobuf', pages);
  if (kind < 0.6) return pageOf(mutate(random, 'bytes', [deflateRawSync(columns.descriptors)]), columns.signatures);
  if (kind < 0.8) return pageOf(deflateRawSync(mutate(random, 'bytes', [columns.descriptors])), columns.signatures);
  // A kilobyte that becomes a megabyte.
  if (kind < 0.85) return pageOf(deflateRawSync(Buffer.alloc(1_000_000)), columns.signatures);
  const column = framed({ random, isValid: true }, mutate(random, 'protobuf', descriptors));
  return pageOf(deflateRawSync(column), columns.signatures.subarray(0, SIGNATURES_OF_ONE));
}

const pages: Surface = {
  weight: 4,
  // As many as a relay reads at once of those that come by themselves.
  hands: 2,
  round: async (round) => {
    const made = await pagesOf(round.target);
    const { asked, until } = asking();
    const handlers: Handlers = {
      [DIRECTORY_PROTOCOL]: (stream) => {
        const count = round.random.between(1, 3);
        const list = Array.from({ length: count }, () => nextPage(round, made)).filter(({ length }) => length > 0);
        sendAll(
          stream,
          list.map((page) => framed(round, page)),
        );
        round.sent(list.length);
        stream.addEventListener('close', asked);
      },
    };
    await beAsked(round, { address: round.target.entry.address, handlers }, async ({ connection }) => {
      const question = await openStream(connection, DIRECTORY_PROTOCOL);
      // Who asks is asked back.
      await question.say(framed({ ...round, isValid: true }, questions()[0]!));
      await question.end();
      await until();
      round.answered(connection.status === 'open' ? 'goes on' : 'ended');
    });
  },
};

/** Tunnels that one stranger is given. */
const TUNNELS = 10;
/** An entry asks who came before it takes them for an exit; until then their name leads nowhere. */
const TRIES = 5;

const exits: Surface = {
  weight: 5,
  hands: 3,
  round: async (round) => {
    const { random, target, localAddress, signal } = round;
    const handlers: Handlers = {
      [TUNNEL_PROTOCOL]: (stream) => {
        const status = round.isValid ? 0 : random.pick([0, 0, 0, 1, 2, 3, 4, 5, 255]);
        tell(stream, Buffer.concat([Buffer.from([status]), drawBytes(random, random.pick([0, 1, 50, 3_000]))]));
        round.sent();
        if (round.isValid || random.draw() < 0.5) void stream.close().catch(() => undefined);
        else stream.abort(new Error('broken off'));
      },
    };
    await beAsked(round, { address: target.entry.address, handlers }, async ({ label }) => {
      const [address] = target.entry.tunnels.host.split(':');
      const serverName = formatCircuitName({ address: address!, peer: label, zone: ZONE });
      for (let made = 0, failed = 0; made < TUNNELS && failed < TRIES && !signal.aborted; made += 1) {
        const conversation = new Conversation(await dialTcp(target.entry.tunnels, localAddress));
        const answer = await conversation.say(makeHello({ serverName }));
        if (answer.length === 0) failed += 1;
        round.answered(answer.length > 0 ? 'bytes' : conversation.isOver() ? 'ended' : 'nothing');
        await conversation.end();
      }
    });
  },
};

const payees = sessionBodies('payee');

const paidExits: Surface = {
  weight: 2,
  hands: 2,
  round: async (round) => {
    const { random } = round;
    const { asked, until } = asking();
    const handlers: Handlers = {
      [TRANSIT_PROTOCOL]: (stream) => {
        stream.addEventListener('message', ({ data }) => {
          for (const { request } of wordsOf(Buffer.from(data.subarray()), 'payer')) {
            const message = Buffer.from(encodeSessionMessage({ request, body: random.pick(payees) }));
            const changed = !round.isValid && random.draw() < 0.6 ? mutate(random, 'protobuf', [message]) : message;
            tell(stream, framed(round, changed));
            round.sent();
          }
        });
        stream.addEventListener('close', asked);
      },
      [TUNNEL_PROTOCOL]: (stream) => stream.abort(new Error('no tunnel is wanted')),
    };
    await beAsked(round, { address: round.target.paid.address, handlers }, async ({ connection }) => {
      await until();
      round.answered(connection.status === 'open' ? 'goes on' : 'ended');
    });
  },
};

export const ASKED = {
  'answers to identify': identified,
  'pages of the directory': pages,
  'tunnels to an exit of a stranger': exits,
  'payments to an exit of a stranger': paidExits,
};

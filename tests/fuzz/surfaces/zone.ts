// The zone: questions by UDP and TCP, and the broker by HTTPS, with and without the proof of a peer id.

import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { generateKeyPair } from '@libp2p/crypto/keys';
import type { PrivateKey } from '@libp2p/interface';
import {
  dataToSign,
  decodeBase64,
  encodeBase64,
  encodeKey,
  formatAuthParams,
  parseAuthParams,
} from '../../../relay/net/peer-id-auth.ts';
import { BrokerError } from '../../../relay/zone/broker/broker-error.ts';
import { parseRegistration } from '../../../relay/zone/broker/registration-body.ts';
import { Conversation, converse, dialTcp, dialTls, statusOf } from '../conversation.ts';
import { dnsQueries, overTcp } from '../corpus/dns.ts';
import { ownRequests } from '../corpus/http.ts';
import { mutate } from '../mutate.ts';
import { input, perTarget, type Round, type Surface } from '../surface.ts';

const queriesOf = perTarget(({ zone }) => dnsQueries(zone.domain));
/** Fewer than one network gets answers at once: above that nothing is read. */
const PACKETS = 150;
/** As many as a socket's queue takes while the relay does something else. */
const BURST = 30;
const ANSWER_MS = 500;

async function ask(socket: Socket, query: Uint8Array, { target }: Round): Promise<boolean> {
  const { host, port } = target.paid.dns;
  socket.send(query, port, host);
  try {
    await once(socket, 'message', { signal: AbortSignal.timeout(ANSWER_MS) });
    return true;
  } catch {
    return false;
  }
}

const udp: Surface = {
  weight: 320,
  hands: 1,
  round: async (round) => {
    const { target, localAddress, signal } = round;
    const queries = queriesOf(target);
    const { host, port } = target.paid.dns;
    const socket = createSocket('udp4');
    socket.on('error', () => undefined);
    try {
      socket.bind({ address: localAddress });
      await once(socket, 'listening');
      for (let sent = 0; sent < PACKETS && !signal.aborted; sent += BURST) {
        for (let made = 0; made < BURST; made += 1) socket.send(input(round, 'bytes', queries), port, host);
        // A right question after them is answered when they have been read.
        const isAnswered = await ask(socket, queries[0]!, round);
        if (isAnswered) round.sent(BURST);
        round.answered(isAnswered ? 'answered' : 'not answered');
      }
    } finally {
      socket.close();
    }
  },
};

const QUESTIONS = 190;

const tcp: Surface = {
  weight: 250,
  hands: 4,
  round: async (round) => {
    const queries = queriesOf(round.target);
    const socket = await dialTcp(round.target.paid.dns, round.localAddress);
    function* asked(): Generator<Buffer> {
      for (let made = 0; made < QUESTIONS; made += 1) {
        const query = input(round, 'bytes', queries);
        // The lengths of TCP lie seldom: nothing is read after one.
        yield round.isValid || round.random.draw() < 0.98
          ? overTcp(query)
          : mutate(round.random, 'bytes', [overTcp(query)]);
      }
    }
    await converse(socket, asked(), round, (answer) => `rcode ${(answer[5] ?? 0) & 15}`);
  },
};

const VALUE = 'n4bQgYhMfWWaL-qgxVrQFaO_TxsrC4Is0V1sFbDwCgg';
const PATH = '/v1/_acme-challenge';
/** Of one peer before it has to wait. */
const REGISTRATIONS = 8;

/** Nobody listens there: loopback, which this zone allows. */
const BODIES = [
  { value: VALUE, addresses: ['/ip4/127.99.0.1/tcp/1'] },
  { Value: VALUE, Addresses: ['/ip4/127.99.0.1/tcp/1/ws', '/dns4/x.example/tcp/1', '/ip4/127.99.0.1/udp/1/quic-v1'] },
  { value: VALUE, addresses: [] },
].map((body) => Buffer.from(JSON.stringify(body)));

/** A wrong body may still be one: it must not lead the broker to anybody's machine but this. */
function leadsAway(body: Buffer): boolean {
  try {
    return parseRegistration(body.toString('utf8')).addresses.some(({ host }) => !host.startsWith('127.'));
  } catch (error) {
    if (error instanceof BrokerError) return false;
    throw error;
  }
}

const dialBroker = ({ target, localAddress }: Round) =>
  dialTls(target.paid.registration, localAddress, { servername: target.zone.registrationName, ca: target.ca });

/** One request on a connection of its own: the broker ends it after each that it refuses. */
async function askBroker(round: Round, request: Uint8Array): Promise<Buffer> {
  const conversation = new Conversation(await dialBroker(round));
  // It dials back before it answers.
  const answer = await conversation.say(request, { quietMs: ANSWER_MS });
  await conversation.end();
  return answer;
}

function registration(host: string, authorization: string, body: Buffer): Buffer {
  const head = [`POST ${PATH} HTTP/1.1`, `host: ${host}`, `authorization: ${authorization}`];
  return Buffer.concat([Buffer.from([...head, `content-length: ${body.length}`, '', ''].join('\r\n')), body]);
}

/** Signs what the broker asks for (https://github.com/libp2p/specs/blob/master/http/peer-id-auth.md). Undefined where it asks for nothing. */
async function prove(round: Round, host: string, key: PrivateKey): Promise<string | undefined> {
  const challenge = formatAuthParams({ 'challenge-server': 'x'.repeat(40), 'public-key': encodeKey(key.publicKey) });
  const answer = await askBroker(
    round,
    Buffer.from(`OPTIONS ${PATH} HTTP/1.1\r\nhost: ${host}\r\nauthorization: ${challenge}\r\n\r\n`),
  );
  const [, header = ''] = /www-authenticate: (.*)\r\n/i.exec(answer.toString('latin1')) ?? [];
  const params = parseAuthParams(header);
  const [theirs, opaque, server] = ['challenge-client', 'opaque', 'public-key'].map((name) => params?.get(name));
  if (theirs === undefined || opaque === undefined || server === undefined) return undefined;
  const data = { 'challenge-client': theirs, 'server-public-key': decodeBase64(server)!, hostname: host };
  return formatAuthParams({ opaque, sig: encodeBase64(await key.sign(dataToSign(data))) });
}

const broker: Surface = {
  weight: 6,
  hands: 3,
  round: async (round) => {
    const { target, random, signal } = round;
    const host = `${target.zone.registrationName}:${target.paid.registration.port}`;
    const key = await generateKeyPair('Ed25519');
    const authorization = await prove(round, host, key);
    if (authorization === undefined) {
      round.answered('asks for no proof');
      return;
    }
    const whole = registration(host, authorization, BODIES[0]!);
    const corpus = [...ownRequests(host, ['/v1/health', PATH]), whole, whole, whole];
    for (let made = 0; made < REGISTRATIONS && !signal.aborted; made += 1) {
      const isBody = !round.isValid && random.draw() < 0.5;
      const body = isBody ? mutate(random, random.draw() < 0.5 ? 'text' : 'bytes', BODIES) : BODIES[0]!;
      const request = isBody ? registration(host, authorization, body) : input(round, 'text', corpus);
      const sent = request.indexOf('\r\n\r\n');
      if (leadsAway(isBody ? body : request.subarray(sent + 4))) continue;
      const answer = await askBroker(round, request);
      round.sent();
      round.answered(answer.length > 0 ? statusOf(answer) : 'nothing');
    }
  },
};

export const ZONE = { 'DNS over UDP': udp, 'DNS over TCP': tcp, 'registrations at the broker': broker };

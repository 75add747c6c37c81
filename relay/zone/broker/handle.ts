// A registration from its request to its answer: who asks, how often, what for, whether it can be reached, and then the challenge is set. It logs the peer id, which is public, and no
// address. Called by broker.ts for every request.

import type { IncomingMessage, ServerResponse } from 'node:http';
import type { PeerId } from '@libp2p/interface';
import type { Logger } from 'pino';
import { peerLabel } from '../../identity.ts';
import { logEvent } from '../../log.ts';
import type { Challenges } from '../challenges.ts';
import { networkOf } from '../dns/response-limit.ts';
import { KeyedLimit, type KeyedLimits } from '../../net/keyed-limit.ts';
import type { Authenticate } from './authenticate.ts';
import { BrokerError } from './broker-error.ts';
import type { DialBack } from './dial-back.ts';
import { MAX_BODY_BYTES, parseRegistration } from './registration-body.ts';

export type RegistrationLimits = { network: KeyedLimits; peer: KeyedLimits };

/**
 * A network: a data centre's relays that all start at once come twice each, and again every few seconds until it works. A relay: needs one in two months from each authority;
 * one that fails comes again after seconds, and authorities take five failures in an hour.
 */
export const REGISTRATION_LIMITS: RegistrationLimits = {
  network: { burst: 100, perSecond: 1, keys: 20_000 },
  peer: { burst: 10, perSecond: 1 / 60, keys: 20_000 },
};

export type HandleInit = {
  /** The host name of the broker: what clients sign. */
  name: string;
  authenticate: Authenticate;
  dialBack: DialBack;
  challenges: Challenges;
  limits?: RegistrationLimits | undefined;
  log: Logger;
};

const CHALLENGE_PATH = '/v1/_acme-challenge';
const HEALTH_PATH = '/v1/health';
/** Seconds, as a client that is told to wait is told. */
const RETRY_AFTER_S = '60';

export function createHandle({
  name,
  authenticate,
  dialBack,
  challenges,
  log,
  limits = REGISTRATION_LIMITS,
}: HandleInit) {
  const networks = new KeyedLimit(limits.network);
  const peers = new KeyedLimit(limits.peer);

  const register = async (request: IncomingMessage, response: ServerResponse, peer: PeerId): Promise<void> => {
    if (peers.take(peer.toString(), performance.now()) > 0) throw new BrokerError('too-many');
    const { value, addresses } = parseRegistration(await readBody(request));
    const gone = new AbortController();
    response.once('close', () => gone.abort());
    await dialBack.prove(peer, addresses, gone.signal);
    challenges.put(peerLabel(peer), value);
  };

  const handleChallenge = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const host = hostOf(request, name);
    const who = await authenticate(request.headers.authorization, host);
    if (who.kind === 'challenge') {
      // js-libp2p asks for its challenge with OPTIONS, go-libp2p with the request itself, whose body is not read.
      return void response.writeHead(401, { 'www-authenticate': who.authenticate, ...UNREAD }).end();
    }
    if (who.info !== undefined) response.setHeader('authentication-info', who.info);
    if (request.method !== 'POST') throw new BrokerError('wrong-method');
    const peer = peerLabel(who.peer);
    try {
      await register(request, response, who.peer);
      logEvent(log, 'zone-registration', { peer });
      response.writeHead(200).end();
    } catch (error) {
      log.info({ event: 'zone-registration', peer, refused: error instanceof BrokerError ? error.code : 'internal' });
      throw error;
    }
  };

  return async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    try {
      const path = (request.url ?? '').split('?')[0];
      if (path === HEALTH_PATH && request.method === 'GET') return void response.writeHead(204).end();
      if (networks.take(networkOf(request.socket.remoteAddress ?? ''), performance.now()) > 0)
        throw new BrokerError('too-many');
      if (path !== CHALLENGE_PATH) throw new BrokerError('not-found');
      await handleChallenge(request, response);
    } catch (error) {
      refuse(response, error instanceof BrokerError ? error : new BrokerError('internal', { cause: error }));
    }
  };
}

/** What is left of the body would be taken for the next request. */
const UNREAD = { connection: 'close' } as const;

function refuse(response: ServerResponse, { code, status, message }: BrokerError): void {
  if (response.headersSent) return void response.destroy();
  const wait = code === 'too-many' || code === 'busy' ? { 'retry-after': RETRY_AFTER_S } : {};
  response.writeHead(status, { 'content-type': 'text/plain; charset=utf-8', ...wait, ...UNREAD }).end(`${message}\n`);
}

/** With its port as it came: js-libp2p signs it where it is not 443. */
function hostOf({ headers }: IncomingMessage, name: string): string {
  const host = headers.host ?? '';
  if (host.toLowerCase().replace(/:\d{1,5}$/, '') !== name) throw new BrokerError('wrong-host');
  return host;
}

async function readBody(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let length = 0;
  try {
    for await (const chunk of request as AsyncIterable<Buffer>) {
      length += chunk.length;
      if (length > MAX_BODY_BYTES) throw new BrokerError('too-large');
      chunks.push(chunk);
    }
  } catch (error) {
    // Whatever else ends a body before its time is the client's: it hung up, or framed it wrong.
    throw error instanceof BrokerError ? error : new BrokerError('cut-short', { cause: error });
  }
  return Buffer.concat(chunks).toString('utf8');
}

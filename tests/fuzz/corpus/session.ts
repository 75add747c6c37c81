// Valid messages of the session and transit protocols, by their own encoder: a conversation as clients have it, and every body with its fields at their limits.

import fc from 'fast-check';
import { NETWORKS } from '../../../src/chain/rail/networks.ts';
import {
  encodeSessionMessage,
  senderOf,
  type SessionBody,
  type SessionBodyType,
  type SessionSide,
} from '../../../src/core/wire/session-messages.ts';
import { BODIES } from '../../support/session-messages.ts';

/** Of each body. */
const SAMPLES = 12;
/** The messages are the same in each run: what is drawn by the seed is what becomes of them. */
const CORPUS_SEED = 1;

const QUOTE: SessionBody = { type: 'quoteRequest', chainId: NETWORKS.devnet.chainId };

/** What a client says that has no channel, without what it waits for in between. */
export function greeting(request: number): Buffer[] {
  return [QUOTE, { type: 'open' } as const].map((body, index) =>
    Buffer.from(encodeSessionMessage({ request: request + index, body })),
  );
}

/** @param from whose messages they are */
export function sessionBodies(from: SessionSide): SessionBody[] {
  const types = (Object.keys(BODIES) as SessionBodyType[]).filter((type) => senderOf(type) === from);
  const drawn = types.flatMap((type) => fc.sample(BODIES[type], { seed: CORPUS_SEED, numRuns: SAMPLES }));
  return from === 'payer' ? [QUOTE, { type: 'open' }, ...drawn] : drawn;
}

/** With numbers as they rise on a stream. */
export function sessionMessages(from: SessionSide): Buffer[] {
  return sessionBodies(from).map((body, index) => Buffer.from(encodeSessionMessage({ request: index + 1, body })));
}

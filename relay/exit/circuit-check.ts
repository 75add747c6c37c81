// Answers http://circuit.conet.internal/ itself: which exit this is, signed over the client's nonce (docs/protocol/circuit-check.md).
// The name is never resolved. No CORS header, so that a page cannot read which exit its visitor uses.

import {
  CIRCUIT_CHECK_HOST,
  circuitCheckMessage,
  isCircuitCheckNonce,
  type CircuitCheckAnswer,
} from '../../src/core/circuit/circuit-check.ts';
import { ExitError } from './exit-error.ts';
import type { Field } from './fields.ts';
import type { RateLimit } from './rate-limit.ts';
import type { PlainRequestTarget } from './target.ts';

/** Ed25519 with the relay's identity; resolves to 64 bytes. */
export type Sign = (bytes: Uint8Array<ArrayBuffer>) => Promise<Uint8Array>;

export type CircuitCheckReply = { status: number; fields: Field[]; body: string };

const HTTP_PORT = 80;

export function isCircuitCheck({ host, port }: PlainRequestTarget): boolean {
  return host.kind === 'name' && host.name === CIRCUIT_CHECK_HOST && port === HTTP_PORT;
}

/** Throws `ExitError`: method-refused, bad-request, too-many-checks. */
export async function answerCircuitCheck(
  request: { method: string; target: PlainRequestTarget },
  { peer, sign, limit, now }: { peer: string; sign: Sign; limit: RateLimit; now: number },
): Promise<CircuitCheckReply> {
  if (request.method !== 'GET') throw new ExitError('method-refused');
  const url = new URL(request.target.path, `http://${CIRCUIT_CHECK_HOST}`);
  const nonce = url.searchParams.get('nonce');
  if (url.pathname !== '/' || !isCircuitCheckNonce(nonce)) throw new ExitError('bad-request');
  if (!limit.take(now)) throw new ExitError('too-many-checks');
  const signature = Buffer.from(await sign(circuitCheckMessage(peer, nonce))).toString('hex');
  const body = JSON.stringify({ peer, nonce, signature } satisfies CircuitCheckAnswer);
  return {
    status: 200,
    body,
    fields: [
      ['content-type', 'application/json'],
      ['content-length', String(Buffer.byteLength(body))],
      ['cache-control', 'no-store'],
      ['x-content-type-options', 'nosniff'],
    ],
  };
}

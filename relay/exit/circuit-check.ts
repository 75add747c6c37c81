// Answers http://circuit.conet.internal/ and what is below it, itself: which exit this is, and what it saw of the request, each signed over
// the client's nonce (docs/protocol/circuit-check.md). The names are never resolved. No CORS header, so that a page cannot read which exit
// its visitor uses; and CORP, so that it cannot learn that somebody answers.

import {
  CIRCUIT_CHECK_ADDRESS,
  CIRCUIT_CHECK_HOST,
  circuitCheckMessage,
  isCircuitCheckName,
  isCircuitCheckNonce,
  type CircuitCheckAnswer,
} from '../../src/core/circuit/circuit-check.ts';
import {
  BLANK_PATH,
  STATEMENT_PATH,
  statementMessage,
  type CircuitStatement,
  type SignedStatement,
} from '../../src/core/circuit/circuit-statement.ts';
import { ExitError } from './exit-error.ts';
import { valueOf, type Field } from './fields.ts';
import type { PlainRequest } from './forward.ts';
import type { RateLimit } from '../net/rate-limit.ts';
import type { PlainRequestTarget } from './target.ts';

/** Ed25519 with the relay's identity; resolves to 64 bytes. */
export type Sign = (bytes: Uint8Array<ArrayBuffer>) => Promise<Uint8Array>;

export type CircuitCheckReply = { status: number; fields: Field[]; body: string };

/** What the exit knows besides the request itself. */
export type CircuitCheckInit = {
  peer: string;
  sign: Sign;
  /** Of the connection that the request came on. */
  limit: RateLimit;
  /** The entry that the connection came from. */
  entry: string | undefined;
  sources: Pick<CircuitStatement, 'source4' | 'source6'>;
  /** `monotone` counts ms from anywhere, `clock` from the epoch. */
  now: { monotone: number; clock: number };
};

const HTTP_PORT = 80;

const BLANK_PAGE = '<!doctype html><meta charset="utf-8"><title>CONET circuit check</title>\n';

export function isCircuitCheck({ host, port }: PlainRequestTarget): boolean {
  if (port !== HTTP_PORT) return false;
  return host.kind === 'name' ? isCircuitCheckName(host.name) : host.address === CIRCUIT_CHECK_ADDRESS;
}

/** Throws `ExitError`: method-refused, bad-request, too-many-checks. */
export async function answerCircuitCheck(request: PlainRequest, init: CircuitCheckInit): Promise<CircuitCheckReply> {
  if (request.method !== 'GET') throw new ExitError('method-refused');
  const url = new URL(request.target.path, `http://${CIRCUIT_CHECK_HOST}`);
  if (url.pathname === BLANK_PATH) return whole('text/html; charset=utf-8', BLANK_PAGE);
  const nonce = url.searchParams.get('nonce');
  if (!['/', STATEMENT_PATH].includes(url.pathname) || !isCircuitCheckNonce(nonce)) throw new ExitError('bad-request');
  if (!init.limit.take(init.now.monotone)) throw new ExitError('too-many-checks');
  const answer = url.pathname === '/' ? await answerPeer(nonce, init) : await answerStatement(nonce, request, init);
  return whole('application/json', JSON.stringify(answer));
}

async function answerPeer(nonce: string, { peer, sign, entry }: CircuitCheckInit): Promise<CircuitCheckAnswer> {
  const said = { peer, nonce, entry };
  return { ...said, signature: await toSignature(sign, circuitCheckMessage(said)) };
}

async function answerStatement(
  nonce: string,
  { target, version, fields }: PlainRequest,
  { peer, sign, entry, sources, now }: CircuitCheckInit,
): Promise<SignedStatement> {
  const gpc = valueOf(fields, 'sec-gpc') === '1';
  const seen = { host: target.authority, form: 'absolute', version, gpc } as const;
  const statement: CircuitStatement = { peer, nonce, time: now.clock, ...seen, entry, ...sources };
  return { statement, signature: await toSignature(sign, statementMessage(statement)) };
}

async function toSignature(sign: Sign, message: Uint8Array<ArrayBuffer>): Promise<string> {
  return Buffer.from(await sign(message)).toString('hex');
}

function whole(type: string, body: string): CircuitCheckReply {
  return {
    status: 200,
    body,
    fields: [
      ['content-type', type],
      ['content-length', String(Buffer.byteLength(body))],
      ['cache-control', 'no-store'],
      ['x-content-type-options', 'nosniff'],
      ['cross-origin-resource-policy', 'same-origin'],
      ['content-security-policy', "frame-ancestors 'none'"],
      ['referrer-policy', 'no-referrer'],
    ],
  };
}

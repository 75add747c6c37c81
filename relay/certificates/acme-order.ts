// One certificate from an ACME server by DNS-01: order, challenge, certificate (RFC 8555 §7.4). Who sets the challenge in the zone is passed in. Called by autotls-zone.ts.

import type { KeyObject } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import * as v from 'valibot';
import { challengeDigest } from './acme-jws.ts';
import { parseAnswer, type AcmeAnswer, type AcmeTransport } from './acme-transport.ts';
import { AutotlsError } from './autotls-error.ts';
import { retryAfterMs } from './https-request.ts';

export type OrderInit = {
  transport: AcmeTransport;
  account: KeyObject;
  /** A DNS name, perhaps a wildcard. */
  name: string;
  /** PKCS #10, DER. */
  csr: Uint8Array;
  /** Of the certificate that this one follows (RFC 9773 §5); such an order counts for no limit. */
  replaces?: string | undefined;
  /** Sets the TXT record. */
  solve: (digest: string) => Promise<void>;
  signal: AbortSignal;
};

const OrderSchema = v.object({
  status: v.string(),
  authorizations: v.pipe(v.array(v.string()), v.maxLength(8)),
  finalize: v.string(),
  certificate: v.optional(v.string()),
});
const AuthorizationSchema = v.object({
  status: v.string(),
  challenges: v.pipe(
    v.array(
      v.object({
        type: v.string(),
        url: v.string(),
        token: v.optional(v.pipe(v.string(), v.regex(/^[A-Za-z0-9_-]{1,256}$/)), ''),
        error: v.optional(v.object({ detail: v.optional(v.string(), '') })),
      }),
    ),
    v.maxLength(16),
  ),
});

/** Between two looks, growing; an authority looks at the zone from several places, which takes a second or some. */
const FIRST_POLL_MS = 200;
const MAX_POLL_MS = 5000;
const MAX_DETAIL_CHARACTERS = 200;

/** The chain, PEM, leaf first. Throws `AutotlsError`. */
export async function orderCertificate(init: OrderInit): Promise<string> {
  const { transport, csr, signal } = init;
  const { body, location } = await newOrder(init);
  if (location === undefined) throw new AutotlsError('authority-refused', `${transport.host} names no order`);
  const order = parseAnswer(OrderSchema, body, transport.host);
  for (const url of order.authorizations) await authorize(init, url);
  await transport.post(order.finalize, { csr: Buffer.from(csr).toString('base64url') }, signal);
  const done = await poll(init, location, (answer) => {
    const { status, certificate } = parseAnswer(OrderSchema, answer.body, transport.host);
    if (status === 'invalid') throw new AutotlsError('authority-refused', `${transport.host} gave the order up`);
    return status === 'valid' ? certificate : undefined;
  });
  return (await transport.post(done, undefined, signal)).body;
}

async function newOrder({ transport, name, replaces, signal }: OrderInit): Promise<AcmeAnswer> {
  const { newOrder } = await transport.directory(signal);
  const order = { identifiers: [{ type: 'dns', value: name }] };
  if (replaces === undefined) return transport.post(newOrder, order, signal);
  try {
    return await transport.post(newOrder, { ...order, replaces }, signal);
  } catch (error) {
    // Replaced by an order that was broken off, or unknown to the authority: then it is an order as any other.
    if (!(error instanceof AutotlsError && error.code === 'authority-refused')) throw error;
    return transport.post(newOrder, order, signal);
  }
}

async function authorize(init: OrderInit, url: string): Promise<void> {
  const { transport, account, solve, signal } = init;
  const read = (answer: AcmeAnswer) => parseAnswer(AuthorizationSchema, answer.body, transport.host);
  const { status, challenges } = read(await transport.post(url, undefined, signal));
  if (status === 'valid') return;
  const challenge = challenges.find(({ type }) => type === 'dns-01');
  if (challenge === undefined) throw new AutotlsError('authority-refused', `${transport.host} offers no dns-01`);
  await solve(challengeDigest(account, challenge.token));
  await transport.post(challenge.url, {}, signal);
  await poll(init, url, (answer) => {
    const now = read(answer);
    if (now.status === 'valid') return true;
    if (now.status === 'pending' || now.status === 'processing') return undefined;
    const detail = now.challenges.find(({ error }) => error !== undefined)?.error?.detail ?? now.status;
    throw new AutotlsError(
      'challenge-failed',
      `${transport.host} did not find the challenge: ${detail.replace(/[^\x20-\x7e]/g, '').slice(0, MAX_DETAIL_CHARACTERS)}`,
    );
  });
}

/** Reads `url` until `done` says something; the signal ends it. */
async function poll<T>(
  { transport, signal }: OrderInit,
  url: string,
  done: (answer: AcmeAnswer) => T | undefined,
): Promise<T> {
  for (let wait = FIRST_POLL_MS; ; wait = Math.min(MAX_POLL_MS, 2 * wait)) {
    const answer = await transport.post(url, undefined, signal);
    const outcome = done(answer);
    if (outcome !== undefined) return outcome;
    const asked = Math.min(MAX_POLL_MS, retryAfterMs(answer.headers, Date.now()) ?? 0);
    await delay(Math.max(wait, asked), undefined, { signal });
  }
}

// Requests to one ACME server (RFC 8555 §6): its directory, nonces, the account, and what its errors mean. It follows no redirect and no link to another host. Called by acme-order.ts and
// acme-renewal.ts.

import type { KeyObject } from 'node:crypto';
import * as v from 'valibot';
import { AutotlsError, unreachable } from './autotls-error.ts';
import { signRequest } from './acme-jws.ts';
import { retryAfterMs, type HttpsAnswer, type HttpsClient } from './https-request.ts';

export type AcmeTransport = {
  /** Host of the server, for log lines. */
  readonly host: string;
  directory(signal: AbortSignal): Promise<Directory>;
  /** Signed by the account. @param payload left out for a read */
  post(url: string, payload: unknown, signal: AbortSignal): Promise<AcmeAnswer>;
  get(url: string, signal: AbortSignal): Promise<HttpsAnswer>;
};

export type AcmeAnswer = HttpsAnswer & { location: string | undefined };

/** What it says of itself (RFC 8555 §7.1.1), for the operator. No order depends on it: what cannot be read is as if it were not there. */
const MetaSchema = v.object({
  termsOfService: v.optional(v.pipe(v.string(), v.maxLength(500))),
  caaIdentities: v.optional(v.pipe(v.array(v.pipe(v.string(), v.maxLength(253))), v.maxLength(16)), []),
  externalAccountRequired: v.optional(v.boolean(), false),
});

const DirectorySchema = v.object({
  newNonce: v.string(),
  newAccount: v.string(),
  newOrder: v.string(),
  renewalInfo: v.optional(v.string()),
  meta: v.fallback(v.optional(MetaSchema), undefined),
});
export type Directory = v.InferOutput<typeof DirectorySchema>;

const ProblemSchema = v.object({ type: v.optional(v.string(), ''), detail: v.optional(v.string(), '') });

/** The nonce of a request may have expired, also that of the answer that says so (§6.5). */
const NONCE_TRIES = 5;
/** A quarter of an hour more than any clock that is kept by NTP; less than what makes a new certificate not yet valid. */
const MAX_CLOCK_DIFFERENCE_MS = 900_000;
/** The directory is read anew, and the clocks compared: a relay runs for months. */
const DIRECTORY_MS = 86_400_000;
const MAX_DETAIL_CHARACTERS = 200;
const PROBLEM = 'urn:ietf:params:acme:error:';

/** @param now ms since the epoch, by this machine's clock */
export function createAcmeTransport(
  directoryUrl: string,
  account: KeyObject,
  client: HttpsClient,
  now: () => number,
): AcmeTransport {
  const { host } = new URL(directoryUrl);
  let known: { directory: Directory; readAt: number } | undefined;
  let accountUrl: string | undefined;
  const nonces: string[] = [];

  const send = async (
    url: string,
    method: 'GET' | 'HEAD' | 'POST',
    signal: AbortSignal,
    body?: string,
  ): Promise<HttpsAnswer> => {
    const target = ownUrl(url, host);
    try {
      const headers = body === undefined ? {} : { 'content-type': 'application/jose+json' };
      const answer = await client.request(target, { method, headers, signal, ...(body === undefined ? {} : { body }) });
      const nonce = answer.headers['replay-nonce'];
      if (typeof nonce === 'string') nonces.push(nonce);
      return answer;
    } catch (error) {
      signal.throwIfAborted();
      throw unreachable('authority', host, error);
    }
  };

  const directory = async (signal: AbortSignal): Promise<Directory> => {
    if (known !== undefined && Math.abs(now() - known.readAt) < DIRECTORY_MS) return known.directory;
    const answer = await send(directoryUrl, 'GET', signal);
    checkClock(host, answer, now());
    if (answer.status !== 200) throw problemOf(host, answer);
    const read = parseAnswer(DirectorySchema, answer.body, host);
    const { newNonce, newAccount, newOrder, renewalInfo = newOrder } = read;
    for (const url of [newNonce, newAccount, newOrder, renewalInfo]) ownUrl(url, host);
    known = { directory: read, readAt: now() };
    return read;
  };

  const signed = async (
    url: string,
    payload: unknown,
    signer: string | undefined,
    signal: AbortSignal,
  ): Promise<AcmeAnswer> => {
    for (let tries = 1; ; tries += 1) {
      const { newNonce } = await directory(signal);
      if (nonces.length === 0) await send(newNonce, 'HEAD', signal);
      const nonce = nonces.shift() ?? '';
      const answer = await send(url, 'POST', signal, signRequest(account, { url, nonce, signer, payload }));
      if (answer.status < 400) return { ...answer, location: answer.headers.location };
      if (problemType(answer) !== 'badNonce' || tries === NONCE_TRIES) throw problemOf(host, answer);
      nonces.length = 0;
      const fresh = answer.headers['replay-nonce'];
      if (typeof fresh === 'string') nonces.push(fresh);
    }
  };

  const signer = async (signal: AbortSignal): Promise<string> => {
    if (accountUrl !== undefined) return accountUrl;
    const { newAccount } = await directory(signal);
    // For a key that has an account the answer is that account (§7.3.1).
    const { location } = await signed(newAccount, { termsOfServiceAgreed: true }, undefined, signal);
    if (location === undefined) throw new AutotlsError('authority-refused', `${host} names no account`);
    return (accountUrl = location);
  };

  return {
    host,
    directory,
    get: (url, signal) => send(url, 'GET', signal),
    post: async (url, payload, signal) => signed(url, payload, await signer(signal), signal),
  };
}

/** Whatever the server names lies on it; else a mistake, or somebody in its place, would have signed requests sent elsewhere. */
function ownUrl(url: string, host: string): URL {
  const target = URL.parse(url);
  if (target?.protocol !== 'https:' || target.host !== host) {
    throw new AutotlsError('authority-refused', `${host} leads to another host`);
  }
  return target;
}

/** Throws `AutotlsError` `authority-refused` for what is not of this form. */
export function parseAnswer<T>(schema: v.GenericSchema<unknown, T>, body: string, host: string): T {
  try {
    return v.parse(schema, JSON.parse(body));
  } catch (error) {
    throw new AutotlsError('authority-refused', `${host} does not answer as an ACME server does`, { cause: error });
  }
}

/** The last part of a problem's type, such as `rateLimited` (§6.7). */
export function problemType({ body }: HttpsAnswer): string {
  return readProblem(body).type.replace(PROBLEM, '');
}

export function problemOf(host: string, answer: HttpsAnswer): AutotlsError {
  const { detail } = readProblem(answer.body);
  const type = problemType(answer);
  const later = type === 'rateLimited' || answer.status === 429 || answer.status === 503;
  const line = detail.replace(/[^\x20-\x7e]/g, '').slice(0, MAX_DETAIL_CHARACTERS);
  return new AutotlsError(
    later ? 'authority-limit' : answer.status >= 500 ? 'authority-unreachable' : 'authority-refused',
    `${host} answered ${answer.status}${type === '' ? '' : ` ${type}`}: ${line}`,
    { retryAfterMs: retryAfterMs(answer.headers, Date.now()) },
  );
}

function readProblem(body: string): v.InferOutput<typeof ProblemSchema> {
  try {
    return v.parse(ProblemSchema, JSON.parse(body));
  } catch {
    return { type: '', detail: '' };
  }
}

/** A certificate of a clock that is wrong is not valid by it, and would be ordered again and again. */
function checkClock(host: string, { headers }: HttpsAnswer, now: number): void {
  const theirs = Date.parse(headers.date ?? '');
  if (Number.isNaN(theirs) || Math.abs(now - theirs) <= MAX_CLOCK_DIFFERENCE_MS) return;
  const minutes = Math.round(Math.abs(now - theirs) / 60_000);
  throw new AutotlsError(
    'clock',
    `this machine's clock is ${minutes} minutes ${now > theirs ? 'ahead of' : 'behind'} that of ${host}; no certificate is asked for before they agree`,
  );
}

// Asks a running relay of this machine for its status, over its socket, and reads the answer with limits of time and size: it is another program. Used by
// `conet-relay status`.

import { connect } from 'node:net';
import * as v from 'valibot';
import { StatusSchema, type Status } from './status.ts';

export class StatusError extends Error {
  override readonly name = 'StatusError';
  readonly code: 'not-running' | 'no-answer' | 'bad-answer';

  constructor(code: StatusError['code'], message: string) {
    super(message);
    this.code = code;
  }
}

/** A look at a ledger of a million channels takes a second or two. */
const TIMEOUT_MS = 10_000;
/** 10,000 names of relays are 640 kB. */
const MAX_BYTES = 2 * 1024 * 1024;

/** Throws `StatusError`. */
export async function askStatus(path: string, timeoutMs = TIMEOUT_MS): Promise<Status> {
  const text = await readAll(path, timeoutMs);
  try {
    return v.parse(StatusSchema, JSON.parse(text));
  } catch {
    throw new StatusError('bad-answer', 'what answers there is no relay of this version');
  }
}

function readAll(path: string, timeoutMs: number): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  const socket = connect({ path });
  const late = setTimeout(() => fail('no-answer', 'the relay does not answer in time'), timeoutMs);
  let bytes = 0;
  const parts: Buffer[] = [];
  const fail = (code: StatusError['code'], message: string): void => {
    reject(new StatusError(code, message));
    socket.destroy();
  };
  socket.on('data', (part) => {
    bytes += part.length;
    if (bytes > MAX_BYTES) fail('bad-answer', 'what answers there says more than any relay');
    parts.push(part);
  });
  socket.once('error', (error: NodeJS.ErrnoException) => {
    const refused =
      error.code === 'EACCES' ? 'its status is for its own user' : 'it does not run, or has no status socket';
    fail('not-running', `${path}: ${refused}`);
  });
  // Without an answer it is the `close` that tells.
  socket.once('end', () => bytes > 0 && resolve(Buffer.concat(parts).toString()));
  socket.once('close', () => fail('no-answer', 'the relay hung up without an answer'));
  return promise.finally(() => {
    clearTimeout(late);
    socket.destroy();
  });
}

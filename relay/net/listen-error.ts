// Somebody else has an address that this relay is to listen on, or it may not have it: named, so that of a list of addresses the operator knows which one. Thrown by node.ts and relay/entry.

import { formatHostPort, type HostPort } from '../config/parts.ts';

/** Errors of the system, in words that follow an address. */
export const IN_WORDS: Readonly<Record<string, string>> = {
  EADDRINUSE: 'is in use by another program',
  EADDRNOTAVAIL: 'is not an address of this machine',
  EAFNOSUPPORT: 'is of a kind that this machine does not have',
  EACCES: 'may not be opened by this user',
};

export class ListenError extends Error {
  override readonly name = 'ListenError';
  readonly address: HostPort;
  /** The system's; undefined where it gave none. */
  readonly code: string | undefined;

  constructor(address: HostPort, cause: unknown) {
    const code = codeOf(cause);
    super(`${formatHostPort(address)} ${IN_WORDS[code ?? ''] ?? `cannot be listened on (${code ?? 'unknown'})`}`, {
      cause,
    });
    this.address = address;
    this.code = code;
  }
}

function codeOf(cause: unknown): string | undefined {
  if (!(cause instanceof Error)) return undefined;
  if ('code' in cause && typeof cause.code === 'string') return cause.code;
  // libp2p quotes the errors of its listeners in the text of its own.
  return /listen (E[A-Z]+)/.exec(cause.message)?.[1];
}

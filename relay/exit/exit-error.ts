// Why the exit refuses or fails a request, and how that is told to the client: a status, a Proxy-Status header (RFC 9209) and one line.
// None of it may hold more than the client already knows: no resolved address, no name of a file, no stack.

export type ExitErrorCode =
  | 'bad-request'
  | 'not-a-proxy-request'
  | 'method-refused'
  | 'too-many-checks'
  | 'name-refused'
  | 'address-refused'
  | 'port-refused'
  /** On a block list of the operator's; the reason is the list's. */
  | 'blocked'
  | 'too-many-connections'
  | 'overloaded'
  | 'no-such-name'
  | 'dns-failed'
  | 'dns-timeout'
  | 'refused-by-origin'
  | 'unreachable'
  | 'connect-timeout'
  | 'origin-hung-up'
  | 'broken-response'
  | 'response-timeout'
  | 'closing'
  | 'internal';

type Answer = { status: number; line: string; proxyError: string };

/** `proxyError` is a registered error type (RFC 9209 §2.3); the status is the one that the exit's specification names. */
const ANSWERS: Record<ExitErrorCode, Answer> = {
  'bad-request': { status: 400, proxyError: 'http_request_error', line: 'The request is not one a proxy can read.' },
  'not-a-proxy-request': {
    status: 404,
    proxyError: 'http_request_error',
    line: 'This is a CONET exit relay. It answers proxy requests only: CONNECT, and http:// URLs in absolute form.',
  },
  'method-refused': { status: 405, proxyError: 'http_request_denied', line: 'The circuit check is asked with GET.' },
  'too-many-checks': { status: 429, proxyError: 'connection_limit_reached', line: 'Too many circuit checks.' },
  'name-refused': { status: 403, proxyError: 'http_request_denied', line: 'This name means a private host.' },
  'address-refused': {
    status: 403,
    proxyError: 'destination_ip_prohibited',
    line: 'The destination is in a private or reserved network, closed to this exit.',
  },
  'port-refused': { status: 403, proxyError: 'http_request_denied', line: 'This port is closed at this exit.' },
  blocked: {
    status: 403,
    proxyError: 'http_request_denied',
    line: "This exit's operator does not serve this destination; another exit may.",
  },
  'too-many-connections': {
    status: 429,
    proxyError: 'connection_limit_reached',
    line: 'This exit opens no more connections to this destination now, for all of its clients together.',
  },
  overloaded: {
    status: 503,
    proxyError: 'connection_limit_reached',
    line: 'This exit has no room for another connection now.',
  },
  'no-such-name': { status: 502, proxyError: 'dns_error', line: 'The name of the destination does not exist.' },
  'dns-failed': { status: 502, proxyError: 'dns_error', line: 'The name of the destination could not be resolved.' },
  'dns-timeout': { status: 504, proxyError: 'dns_timeout', line: 'Resolving the destination took too long.' },
  'refused-by-origin': {
    status: 502,
    proxyError: 'connection_refused',
    line: 'The destination refused the connection.',
  },
  unreachable: {
    status: 502,
    proxyError: 'destination_ip_unroutable',
    line: 'The destination cannot be reached from this exit.',
  },
  'connect-timeout': {
    status: 504,
    proxyError: 'connection_timeout',
    line: 'Connecting to the destination took too long.',
  },
  'origin-hung-up': {
    status: 502,
    proxyError: 'connection_terminated',
    line: 'The destination closed the connection before it answered.',
  },
  'broken-response': {
    status: 502,
    proxyError: 'http_protocol_error',
    line: 'The destination did not answer in proper HTTP.',
  },
  'response-timeout': {
    status: 504,
    proxyError: 'http_response_timeout',
    line: 'The destination took too long to answer.',
  },
  closing: { status: 503, proxyError: 'connection_limit_reached', line: 'This exit is shutting down.' },
  internal: { status: 500, proxyError: 'proxy_internal_error', line: 'The exit failed.' },
};

export const EXIT_ERROR_CODES = Object.keys(ANSWERS) as readonly ExitErrorCode[];

export class ExitError extends Error {
  override readonly name = 'ExitError';
  readonly code: ExitErrorCode;
  /** The operator's words, of a destination that is blocked. */
  readonly reason: string | undefined;

  constructor(code: ExitErrorCode, { reason, ...options }: ErrorOptions & { reason?: string } = {}) {
    super(ANSWERS[code].line, options);
    this.code = code;
    this.reason = reason;
  }
}

/** What is not an `ExitError` is a fault of ours, and its text stays here. */
export function toExitError(error: unknown): ExitError {
  return error instanceof ExitError ? error : new ExitError('internal', { cause: error });
}

export type ErrorAnswer = { status: number; headers: [name: string, value: string][]; body: string };

/**
 * The whole answer to the client. `no-store`, since over plain http it stands under the site's own URL.
 * @param more further lines of the body, never of a header
 */
export function errorAnswer(code: ExitErrorCode, more?: string): ErrorAnswer {
  const { status, proxyError, line } = ANSWERS[code];
  const body = `${line}\n${more === undefined ? '' : `${more}\n`}`;
  const rcode = code === 'no-such-name' ? '; rcode="NXDOMAIN"' : '';
  // Beside names that mean a private host the status and the type are the same.
  const details = code === 'blocked' ? '; details="policy of this exit"' : '';
  return {
    status,
    body,
    headers: [
      ['content-type', 'text/plain; charset=utf-8'],
      ['content-length', String(Buffer.byteLength(body))],
      ['cache-control', 'no-store'],
      ['x-content-type-options', 'nosniff'],
      ['proxy-status', `conet-exit; error=${proxyError}${rcode}${details}`],
    ],
  };
}

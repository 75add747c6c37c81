// Why the broker refuses a registration, and how that is told to the relay: a status and one line. None of it holds an address.

export type BrokerErrorCode =
  | 'not-found'
  | 'wrong-method'
  | 'wrong-host'
  | 'too-large'
  | 'bad-body'
  /** The client hung up before the end of its body. */
  | 'cut-short'
  | 'bad-value'
  | 'no-address'
  | 'private-address'
  | 'unreachable'
  | 'busy'
  | 'too-many'
  | 'internal';

const ANSWERS: Record<BrokerErrorCode, { status: number; line: string }> = {
  'not-found': { status: 404, line: 'There is /v1/_acme-challenge and /v1/health.' },
  'wrong-method': { status: 405, line: 'A challenge is registered with POST.' },
  'wrong-host': { status: 421, line: 'This is not the host that was asked for.' },
  'too-large': { status: 413, line: 'The body is larger than a registration.' },
  'bad-body': { status: 400, line: 'The body is not {"value": "...", "addresses": ["..."]}.' },
  'cut-short': { status: 400, line: 'The body ended before its end.' },
  'bad-value': { status: 400, line: 'The value is not a SHA-256 digest in base64url (RFC 8555, section 8.4).' },
  'no-address': {
    status: 400,
    line: 'None of the addresses can be dialled from here: /ip4 or /ip6 with /tcp, and perhaps /ws, with no other peer.',
  },
  'private-address': { status: 403, line: 'The addresses are in private or reserved networks.' },
  unreachable: { status: 400, line: 'No address led to this peer: it must be reachable from the internet for now.' },
  busy: { status: 503, line: 'Too many relays are being dialled; try again in a few seconds.' },
  'too-many': { status: 429, line: 'Too many registrations; try again later.' },
  internal: { status: 500, line: 'The broker failed.' },
};

export class BrokerError extends Error {
  override readonly name = 'BrokerError';
  readonly code: BrokerErrorCode;

  constructor(code: BrokerErrorCode, options?: ErrorOptions) {
    super(ANSWERS[code].line, options);
    this.code = code;
  }

  get status(): number {
    return ANSWERS[this.code].status;
  }
}

// What can go wrong between a relay, a zone's broker and a certificate authority, by name and in one line for the operator. No line holds a key or a token. Retried by
// autotls-zone.ts, whatever it is.

export type AutotlsErrorCode =
  /** The authority, or the broker, does not answer. */
  | 'authority-unreachable'
  | 'broker-unreachable'
  /** They answered, and will not. */
  | 'authority-refused'
  | 'broker-refused'
  /** They will, later. */
  | 'authority-limit'
  | 'broker-limit'
  /** This machine's clock, or theirs, is wrong: nothing is valid by it. */
  | 'clock'
  /** The authority did not find the challenge in the zone. */
  | 'challenge-failed'
  /** What it issued is not what was asked for. */
  | 'bad-certificate'
  | 'state';

export class AutotlsError extends Error {
  override readonly name = 'AutotlsError';
  readonly code: AutotlsErrorCode;
  /** Not before, ms from now; left out where they did not say. */
  readonly retryAfterMs: number | undefined;

  constructor(
    code: AutotlsErrorCode,
    message: string,
    options: ErrorOptions & { retryAfterMs?: number | undefined } = {},
  ) {
    super(message, options);
    this.code = code;
    this.retryAfterMs = options.retryAfterMs;
  }
}

/** Errors of TLS that say so: a certificate of theirs that is not valid by this clock. */
const CLOCK_CODES = new Set(['CERT_HAS_EXPIRED', 'CERT_NOT_YET_VALID']);

/** @param who is unreachable @param where their host, for the line */
export function unreachable(who: 'authority' | 'broker', where: string, cause: unknown): AutotlsError {
  if (cause instanceof AutotlsError) return cause;
  const code = (cause as NodeJS.ErrnoException | undefined)?.code ?? (cause instanceof Error ? cause.name : 'unknown');
  if (CLOCK_CODES.has(code)) {
    return new AutotlsError(
      'clock',
      `the certificate of ${where} is not valid by this machine's clock (${new Date().toISOString()}): is the clock right?`,
      { cause },
    );
  }
  return new AutotlsError(`${who}-unreachable`, `${where} cannot be reached (${code})`, { cause });
}

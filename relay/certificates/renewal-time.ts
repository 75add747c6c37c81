// When a certificate is renewed, and how long a relay waits after a failure. Pure.

export type RenewalWindow = { start: number; end: number };

/** After two thirds of its life, as every ACME client does: 30 days of 90, 15 of 45, are left to find out what is wrong. */
const RENEW_AT = 2 / 3;
/** Up to so much of the life earlier, so that relays of one day are not renewed in one second. */
const SPREAD = 1 / 50;

/** However an authority sets its window: one that always suggested "now" would be asked for certificates without end. Four a day are enough for one that is revoked. */
const EARLIEST_MS = 21_600_000;

/** Authorities take five failures in an hour: the sixth try comes after more than one. */
const FIRST_RETRY_MS = 5000;
const MAX_RETRY_MS = 3_600_000;
const GROWTH = 4;
/** What an authority or a broker asks for at most. */
const MAX_ASKED_MS = 86_400_000;

export type Lifetime = { notBefore: number; notAfter: number };

/**
 * ms since the epoch.
 * @param since when this relay got it, by its own clock
 * @param window what the authority suggests, if it does
 * @param draw a random number that belongs to this certificate, 0 <= draw < 1
 */
export function renewalTime(
  { notBefore, notAfter, since }: Lifetime & { since: number },
  window: RenewalWindow | undefined,
  draw: number,
): number {
  const life = notAfter - notBefore;
  const earliest = since + Math.min(EARLIEST_MS, life * RENEW_AT);
  if (window !== undefined) return Math.max(earliest, window.start + (window.end - window.start) * draw);
  return notBefore + life * (RENEW_AT - SPREAD * draw);
}

/**
 * Half to all of a time that grows with each failure, and not before they said.
 * @param failures in a row, from 1
 * @param draw a fresh random number
 */
export function retryMs(failures: number, askedMs: number | undefined, draw: number): number {
  const full = Math.min(MAX_RETRY_MS, FIRST_RETRY_MS * GROWTH ** (failures - 1));
  return Math.max(Math.min(MAX_ASKED_MS, askedMs ?? 0), full / 2 + (full / 2) * draw);
}

// When an authority would like a certificate to be renewed (ARI, RFC 9773): it says so before it revokes, and spreads renewals over its week. Called by autotls-zone.ts.

import * as v from 'valibot';
import { parseAnswer, type AcmeTransport } from './acme-transport.ts';
import type { RenewalWindow } from './renewal-time.ts';
import { retryAfterMs } from './https-request.ts';

const RenewalInfoSchema = v.object({
  suggestedWindow: v.object({ start: v.pipe(v.string(), v.isoTimestamp()), end: v.pipe(v.string(), v.isoTimestamp()) }),
});

/** Asked again after what the authority says, within these (RFC 9773 §4.3.3 has the same thoughts), and after this where it says nothing. */
const MIN_RETRY_MS = 60_000;
const MAX_RETRY_MS = 86_400_000;
const USUAL_RETRY_MS = 21_600_000;

/** Undefined where the authority offers none. Throws `AutotlsError`; a window that makes no sense is one of these. */
export async function askRenewalWindow(
  transport: AcmeTransport,
  certificateId: string,
  signal: AbortSignal,
): Promise<{ window: RenewalWindow; retryMs: number } | undefined> {
  const { renewalInfo } = await transport.directory(signal);
  if (renewalInfo === undefined) return undefined;
  const answer = await transport.get(`${renewalInfo.replace(/\/$/, '')}/${certificateId}`, signal);
  const { suggestedWindow } = parseAnswer(RenewalInfoSchema, answer.body, transport.host);
  const window = { start: Date.parse(suggestedWindow.start), end: Date.parse(suggestedWindow.end) };
  if (answer.status !== 200 || window.end <= window.start) return undefined;
  const asked = retryAfterMs(answer.headers, Date.now()) ?? USUAL_RETRY_MS;
  return { window, retryMs: Math.min(MAX_RETRY_MS, Math.max(MIN_RETRY_MS, asked)) };
}

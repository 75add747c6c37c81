// The certificate of one zone: taken from the disk, renewed in time, tried again when a broker or an authority fails, for as long as the relay runs. A new one takes over only when it is whole, for
// the right name and on the disk; until then the old one stays in force. Nothing here ends with an error. Called by autotls-source.ts.

import type { KeyObject } from 'node:crypto';
import type { Logger } from 'pino';
import type { AutotlsZone } from '../config/certificate.ts';
import { logEvent } from '../log.ts';
import { orderCertificate } from './acme-order.ts';
import { askRenewalWindow } from './acme-renewal.ts';
import { createAcmeTransport, type AcmeTransport } from './acme-transport.ts';
import type { AutotlsClock } from './autotls-clock.ts';
import { AutotlsError } from './autotls-error.ts';
import { certificateId, createRequest } from './certificate-request.ts';
import type { Certificate } from './certificate-source.ts';
import type { CertificateStore, HeldCertificate } from './certificate-store.ts';
import type { HttpsClient } from './https-request.ts';
import { CertificateError } from './read-certificate.ts';
import { renewalTime, retryMs, type RenewalWindow } from './renewal-time.ts';

export type ZoneKeeperInit = {
  zone: AutotlsZone;
  /** What the certificate is for: `*.<peer>.<domain>`. */
  name: string;
  account: KeyObject;
  client: HttpsClient;
  store: CertificateStore;
  /** Leaves a challenge with the zone's broker. */
  register: (value: string, signal: AbortSignal) => Promise<void>;
  onCertificate: (certificate: Certificate) => void;
  clock: AutotlsClock;
  log: Logger;
};

/** An order with its challenge takes seconds; what hangs longer is tried again. */
const ORDER_MS = 120_000;
/** A machine may sleep, and its clock be set: when to renew is looked at again so often. */
const LOOK_MS = 3_600_000;
/** After a question for the renewal window that failed. */
const WINDOW_RETRY_MS = 21_600_000;

/** What is held, and what goes with it until there is another. */
type Held = HeldCertificate & { since: number; draw: number; window?: RenewalWindow | undefined; askAt: number };

/** Resolves when `stop` is aborted, and never rejects. @param found by `loadZoneCertificate` */
export async function keepZoneCertificate(
  init: ZoneKeeperInit,
  found: HeldCertificate | undefined,
  stop: AbortSignal,
): Promise<void> {
  const { zone, account, client, clock, onCertificate } = init;
  const transport = createAcmeTransport(zone.acme, account, client, () => clock.now());
  let held: Held | undefined = found && { ...found, since: found.notBefore, draw: clock.draw(), askAt: 0 };
  let failures = 0;
  const over = (): boolean => stop.aborted;
  while (!over()) {
    if (held !== undefined && clock.now() >= held.askAt) await askWindow(init, transport, held, stop);
    const wait = held === undefined ? 0 : renewalTime(held, held.window, held.draw) - clock.now();
    if (wait > 0) {
      await clock.sleep(Math.min(wait, LOOK_MS), stop);
      continue;
    }
    try {
      held = await issue(init, transport, held, stop);
      failures = 0;
      onCertificate(held.certificate);
    } catch (error) {
      if (over()) return;
      failures += 1;
      const known = toAutotlsError(error);
      const inMs = retryMs(failures, known.retryAfterMs, clock.draw());
      tell(init, known, inMs);
      await clock.sleep(inMs, stop);
    }
  }
}

/** What is on the disk, if it is good; says why where it is not. */
export async function loadZoneCertificate({
  store,
  clock,
  zone,
  log,
}: Pick<ZoneKeeperInit, 'store' | 'clock' | 'zone' | 'log'>): Promise<HeldCertificate | undefined> {
  try {
    return await store.load(clock.now());
  } catch (error) {
    const { code, message } = toAutotlsError(error);
    log.warn({ event: 'certificate-trouble', zone: zone.domain, code }, `${message}; a new one is asked for`);
    return undefined;
  }
}

async function issue(
  init: ZoneKeeperInit,
  transport: AcmeTransport,
  old: Held | undefined,
  stop: AbortSignal,
): Promise<Held> {
  const { zone, name, account, store, register, clock, log } = init;
  const signal = AbortSignal.any([stop, AbortSignal.timeout(ORDER_MS)]);
  const began = performance.now();
  const { key, csr } = await createRequest(name);
  await store.remember(key);
  const { renewalInfo } = await transport.directory(signal);
  const replaces = old === undefined || renewalInfo === undefined ? undefined : certificateId(old.leaf);
  const solve = (digest: string): Promise<void> => register(digest, signal);
  const chain = await orderCertificate({ transport, account, name, csr, replaces, solve, signal });
  const held = await store.save({ key, chain }, clock.now());
  logEvent(log, 'certificate-issued', {
    zone: zone.domain,
    notAfter: new Date(held.notAfter).toISOString(),
    seconds: Math.round((performance.now() - began) / 100) / 10,
    renewed: old !== undefined,
  });
  return { ...held, since: clock.now(), draw: clock.draw(), askAt: 0 };
}

/** The window, if the authority has one; without it the certificate is renewed by its age. */
async function askWindow(
  { clock, log, zone }: ZoneKeeperInit,
  transport: AcmeTransport,
  held: Held,
  stop: AbortSignal,
): Promise<void> {
  const id = certificateId(held.leaf);
  held.askAt = clock.now() + WINDOW_RETRY_MS;
  if (id === undefined) return;
  try {
    const answer = await askRenewalWindow(transport, id, AbortSignal.any([stop, AbortSignal.timeout(ORDER_MS)]));
    held.window = answer?.window;
    if (answer !== undefined) held.askAt = clock.now() + answer.retryMs;
  } catch (error) {
    log.debug({ zone: zone.domain, code: toAutotlsError(error).code }, 'no renewal window');
  }
}

function tell({ log, zone }: ZoneKeeperInit, { code, message }: AutotlsError, inMs: number): void {
  log.warn({ event: 'certificate-trouble', zone: zone.domain, code, retrySeconds: Math.round(inMs / 1000) }, message);
}

function toAutotlsError(error: unknown): AutotlsError {
  if (error instanceof AutotlsError) return error;
  if (!(error instanceof CertificateError)) {
    const timedOut = error instanceof Error && (error.name === 'TimeoutError' || error.name === 'AbortError');
    const words = timedOut ? 'the order took too long' : error instanceof Error ? error.message : 'unknown';
    return new AutotlsError('authority-unreachable', words, { cause: error });
  }
  const clock = error.code === 'expired' || error.code === 'not-yet-valid';
  const words = `${error.message}; this machine's clock says ${new Date().toISOString()}`;
  return new AutotlsError(clock ? 'clock' : 'bad-certificate', clock ? words : error.message, { cause: error });
}

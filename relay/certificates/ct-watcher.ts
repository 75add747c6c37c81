// Whether somebody else has a certificate for this relay's names. Whoever runs a zone, or an authority that is fooled, could get one and play the relay; public logs are where it shows
// (RFC 6962). Compares what a log gets with the keys that this relay asked certificates for. It can tell, not prevent. Called by autotls-source.ts.

import { X509Certificate } from 'node:crypto';
import type { Logger } from 'pino';
import type { AutotlsClock } from './autotls-clock.ts';
import { keyHash } from './certificate-store.ts';

/** One log, by RFC 6962 or as tiles (https://c2sp.org/static-ct-api): what differs is in the reader. */
export interface CtLogReader {
  /** For log lines. */
  readonly name: string;
  /** Entries that the log has now. */
  size(signal: AbortSignal): Promise<number>;
  /** Certificates and precertificates from `start` on, DER: as many as the log gives at once, at least one, at most up to `end`, which is not in it. */
  entries(start: number, end: number, signal: AbortSignal): Promise<readonly Uint8Array[]>;
}

export interface CtWatcher {
  close(): void;
}

/** What is told of a certificate that is not ours. */
export type UnknownCertificate = { names: string[]; issuer: string; serial: string; notAfter: string };

export type CtWatcherInit = {
  reader: CtLogReader;
  /** `<peer>.<zone>`: every name at it and below it is this relay's. */
  names: readonly string[];
  /** SHA-256 of the public keys that were asked for, hex. */
  keys: () => Promise<readonly string[]>;
  onUnknown: (certificate: UnknownCertificate) => void;
  clock: AutotlsClock;
  log: Logger;
};

/** Logs merge what they got within a day at most; hours matter, minutes do not. */
const EVERY_MS = 600_000;
/** A log that gives nothing for so long is asked again later. */
const LOOK_MS = 300_000;

/** From what the log has when it begins; what came while the relay did not run is not looked at. */
export function watchCtLog({ reader, names, keys, onUnknown, clock, log }: CtWatcherInit): CtWatcher {
  const stopping = new AbortController();
  const { signal } = stopping;
  let next: number | undefined;

  const look = async (): Promise<void> => {
    const limited = AbortSignal.any([signal, AbortSignal.timeout(LOOK_MS)]);
    const size = await reader.size(limited);
    next ??= size;
    while (next < size) {
      const entries = await reader.entries(next, size, limited);
      if (entries.length === 0) throw new RangeError('the log has no entry where it should');
      // Read after the entries: a key is written down before it is asked for.
      const known = await keys();
      for (const entry of entries.slice(0, size - next)) {
        const found = unknownCertificate(entry, names, known);
        if (found !== undefined) onUnknown(found);
      }
      next += entries.length;
    }
  };
  const over = (): boolean => signal.aborted;
  const follow = async (): Promise<void> => {
    while (!over()) {
      await look().catch((error: unknown) => {
        if (!over())
          log.warn(
            { ctLog: reader.name, reason: error instanceof Error ? error.message : 'unknown' },
            'a CT log was not read',
          );
      });
      await clock.sleep(EVERY_MS, signal);
    }
  };
  void follow();
  return { close: () => stopping.abort() };
}

/** Undefined for certificates of other names, for ours, and for what is no certificate. */
export function unknownCertificate(
  der: Uint8Array,
  names: readonly string[],
  known: readonly string[],
): UnknownCertificate | undefined {
  let certificate: X509Certificate;
  try {
    certificate = new X509Certificate(der);
  } catch {
    return undefined;
  }
  const shown = dnsNames(certificate);
  const ours = shown.filter((name) => names.some((own) => name === own || name.endsWith(`.${own}`)));
  if (ours.length === 0 || known.includes(keyHash(der))) return undefined;
  const { issuer, serialNumber, validToDate } = certificate;
  return {
    names: ours,
    issuer: issuer.replaceAll('\n', ', '),
    serial: serialNumber,
    notAfter: validToDate.toISOString(),
  };
}

/** Node quotes a name with odd characters (https://nodejs.org/api/crypto.html#x509subjectaltname), which none of ours has. */
function dnsNames({ subjectAltName = '' }: X509Certificate): string[] {
  return subjectAltName.split(', ').flatMap((name) => (name.startsWith('DNS:') ? [name.slice(4).toLowerCase()] : []));
}

// Certificates from disk: read and checked at start, and again whenever the files change. A pair that does not fit (a half-written file,
// a key of another certificate, an expired one) never takes the place of one that works. Never logs a key or a line of a file.

import { watch, type FSWatcher } from 'node:fs';
import { dirname } from 'node:path';
import type { Logger } from 'pino';
import { CertificateError, readCertificate } from './read-certificate.ts';
import type { Certificate, CertificateSource } from './certificate-source.ts';

export type FileCertificateInit = {
  /** Path of the private key, PEM. */
  key: string;
  /** Path of the certificate and its intermediates, PEM. */
  chain: string;
  log: Logger;
};

/** Two files are written one after the other: one look after the last change is enough, ms. */
const SETTLE_MS = 300;

/** Watching fails quietly on network file systems and for bind mounts; a renewal is never urgent to the hour, ms. */
const REREAD_MS = 3_600_000;

/** Throws `CertificateError` where there is no certificate to start with. */
export async function createFileCertificateSource({
  key,
  chain,
  log,
}: FileCertificateInit): Promise<CertificateSource> {
  let current = await readCertificate({ key, chain });
  const listeners = new Set<(certificate: Certificate) => void>();
  let closed = false;
  let settling: NodeJS.Timeout | undefined;
  let reading: Promise<void> = Promise.resolve();

  const reload = async (): Promise<void> => {
    let next: Certificate;
    try {
      next = await readCertificate({ key, chain });
    } catch (error) {
      const code = error instanceof CertificateError ? error.code : 'unreadable';
      log.warn({ code }, 'the certificate files do not fit: the old certificate stays in force');
      return;
    }
    if (closed || (next.chain === current.chain && next.key === current.key)) return;
    current = next;
    log.info({ notAfter: new Date(next.notAfter).toISOString() }, 'a new certificate is in force');
    for (const listener of listeners) listener(next);
  };
  const reloadInTurn = (): void => {
    reading = reading.then(reload);
  };
  const reloadSoon = (): void => {
    clearTimeout(settling);
    settling = setTimeout(reloadInTurn, SETTLE_MS);
  };

  // Folders, not files: tools replace a file by renaming another one over it, which a watch on the file would miss.
  const watchers = [...new Set([dirname(key), dirname(chain)])].map((folder) => watchFolder(folder, reloadSoon, log));
  const rereading = setInterval(reloadInTurn, REREAD_MS);
  rereading.unref();
  // A change between the first look and the watch.
  reloadSoon();

  return {
    current: () => current,
    onChange(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    close() {
      closed = true;
      clearTimeout(settling);
      clearInterval(rereading);
      listeners.clear();
      for (const watcher of watchers) watcher?.close();
    },
  };
}

function watchFolder(folder: string, onChange: () => void, log: Logger): FSWatcher | undefined {
  const give = (error: unknown): void => {
    const { code } = error as NodeJS.ErrnoException;
    log.warn({ code }, 'a certificate folder cannot be watched: its files are read again every hour');
  };
  try {
    const watcher = watch(folder, { persistent: false }, onChange);
    watcher.on('error', give);
    return watcher;
  } catch (error) {
    give(error);
    return undefined;
  }
}

// Reads a certificate and its key from two PEM files, and says by name what is wrong with them. Called by file-source.ts, and for its own files by
// certificate-store.ts.
// No error holds a line of a file: one of them is a secret.

import { createPrivateKey, X509Certificate, type KeyObject } from 'node:crypto';
import { open } from 'node:fs/promises';
import type { Certificate } from './certificate-source.ts';

export type CertificateErrorCode =
  'unreadable' | 'too-large' | 'bad-chain' | 'bad-key' | 'mismatch' | 'expired' | 'not-yet-valid';

export class CertificateError extends Error {
  override readonly name = 'CertificateError';
  readonly code: CertificateErrorCode;

  constructor(code: CertificateErrorCode, message: string) {
    super(message);
    this.code = code;
  }
}

/** Far above any chain; keeps a mistaken path from being read into memory. */
const MAX_FILE_BYTES = 1024 * 1024;

/** Clocks of a relay and a certificate authority differ by minutes at times, ms. */
const CLOCK_SKEW_MS = 300_000;

const PEM_CERTIFICATE = /-----BEGIN CERTIFICATE-----[\s\S]*?-----END CERTIFICATE-----/g;

/** Throws `CertificateError`. */
export async function readCertificate(paths: { key: string; chain: string }): Promise<Certificate> {
  const [key, chain] = await Promise.all([readText(paths.key), readText(paths.chain)]);
  return checkCertificate({ key, chain }, paths, Date.now()).certificate;
}

export type CheckedCertificate = { certificate: Certificate; leaf: X509Certificate };

/**
 * The pair in these texts, valid at `now`. Throws `CertificateError`.
 * @param names where they came from, for the errors
 */
export function checkCertificate(
  texts: { key: string; chain: string },
  names: { key: string; chain: string },
  now: number,
): CheckedCertificate {
  const leaf = parseChain(texts.chain, names.chain);
  const key = parseKey(texts.key, names.key);
  if (!leaf.checkPrivateKey(key)) {
    throw new CertificateError('mismatch', `the key in ${names.key} is not that of the certificate in ${names.chain}`);
  }
  if (leaf.validToDate.getTime() <= now) {
    throw new CertificateError('expired', `the certificate in ${names.chain} expired on ${leaf.validTo}`);
  }
  if (leaf.validFromDate.getTime() > now + CLOCK_SKEW_MS) {
    throw new CertificateError('not-yet-valid', `the certificate in ${names.chain} is valid from ${leaf.validFrom}`);
  }
  return {
    leaf,
    certificate: {
      chain: texts.chain,
      key: key.export({ type: 'pkcs8', format: 'pem' }).toString(),
      notAfter: leaf.validToDate.getTime(),
    },
  };
}

/** The leaf, after every certificate of the file was read: a file cut in the middle is refused as a whole. */
function parseChain(text: string, path: string): X509Certificate {
  const blocks = text.match(PEM_CERTIFICATE) ?? [];
  const begun = text.split('-----BEGIN ').length - 1;
  try {
    const [leaf] = blocks.map((block) => new X509Certificate(block));
    if (leaf !== undefined && begun === blocks.length) return leaf;
  } catch {
    // The parser's own words add nothing to the line below.
  }
  throw new CertificateError('bad-chain', `${path} is not a list of PEM certificates, leaf first`);
}

function parseKey(text: string, path: string): KeyObject {
  try {
    return createPrivateKey(text);
  } catch {
    throw new CertificateError('bad-key', `${path} is not an unencrypted private key in PEM`);
  }
}

async function readText(path: string): Promise<string> {
  try {
    await using file = await open(path);
    const buffer = Buffer.alloc(MAX_FILE_BYTES + 1);
    const { bytesRead } = await file.read(buffer, 0, buffer.length, 0);
    if (bytesRead > MAX_FILE_BYTES) throw new CertificateError('too-large', `${path} is larger than a certificate`);
    return buffer.toString('utf8', 0, bytesRead);
  } catch (error) {
    if (error instanceof CertificateError) throw error;
    throw new CertificateError(
      'unreadable',
      `${path} cannot be read (${String((error as NodeJS.ErrnoException).code)})`,
    );
  }
}

// The certificates that a relay got, on its disk: one file for each zone with key and chain, so that the two always fit, and the keys that it ever asked for (for ct-watcher.ts). A file that
// is not whole, or not this relay's, is as if it were not there, and is replaced. Called by autotls-zone.ts.

import { createHash, createPublicKey, X509Certificate, type KeyObject } from 'node:crypto';
import { join } from 'node:path';
import * as v from 'valibot';
import { AutotlsError } from './autotls-error.ts';
import type { Certificate } from './certificate-source.ts';
import { checkCertificate, CertificateError } from './read-certificate.ts';
import type { Lifetime } from './renewal-time.ts';
import { readSecret, writeSecret } from './secret-file.ts';

export type HeldCertificate = Lifetime & {
  certificate: Certificate;
  /** PEM of the leaf alone. */
  leaf: string;
};

export type CertificateStore = {
  /** Throws `CertificateError` where there is one that is no good, and says why; undefined where there is none. */
  load(now: number): Promise<HeldCertificate | undefined>;
  /** Checks it as `load` does, and writes it. Throws `CertificateError`, or `AutotlsError` `state`. */
  save(texts: { key: string; chain: string }, now: number): Promise<HeldCertificate>;
  /** Writes down that a certificate is asked for with this key, PEM: before it is, since logs show it before it is here. Throws `AutotlsError` `state`. */
  remember(key: string): Promise<void>;
  /** SHA-256 of the public keys (SPKI, DER) that this relay asked certificates for, hex. */
  keys(): Promise<readonly string[]>;
};

const KeysSchema = v.array(v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/)));
/** A log shows a certificate within a day, and a relay asks for one in two months, or once an hour for as long as it fails. */
const MAX_KEYS = 200;
const END_OF_KEY = '-----END PRIVATE KEY-----\n';

/**
 * @param folder of the zone's certificates
 * @param name what they are for, a wildcard
 */
export function createCertificateStore(folder: string, domain: string, name: string): CertificateStore {
  const path = join(folder, `${domain}.pem`);
  const keysPath = join(folder, `${domain}.keys.json`);

  const check = (texts: { key: string; chain: string }, now: number): HeldCertificate => {
    const { certificate, leaf } = checkCertificate(texts, { key: path, chain: path }, now);
    const names = leaf.subjectAltName?.split(', ') ?? [];
    if (!names.includes(`DNS:${name}`))
      throw new CertificateError('mismatch', `the certificate in ${path} is not for ${name}`);
    return {
      certificate,
      leaf: leaf.toString(),
      notBefore: leaf.validFromDate.getTime(),
      notAfter: certificate.notAfter,
    };
  };
  const keys = async (): Promise<string[]> => {
    try {
      return v.parse(KeysSchema, JSON.parse((await readSecret(keysPath)) ?? '[]'));
    } catch {
      return [];
    }
  };
  const write = async (to: string, text: string): Promise<void> => {
    await writeSecret(to, text).catch((error: unknown) => {
      throw new AutotlsError('state', `${to} cannot be written (${String((error as NodeJS.ErrnoException).code)})`, {
        cause: error,
      });
    });
  };

  return {
    load: async (now) => {
      const text = await readSecret(path);
      if (text === undefined) return undefined;
      const end = text.indexOf(END_OF_KEY) + END_OF_KEY.length;
      return check({ key: text.slice(0, end), chain: text.slice(end) }, now);
    },
    save: async (texts, now) => {
      const held = check(texts, now);
      await write(path, held.certificate.key + held.certificate.chain);
      return held;
    },
    remember: async (key) => {
      await write(keysPath, JSON.stringify([...(await keys()), hashOf(createPublicKey(key))].slice(-MAX_KEYS)));
    },
    keys,
  };
}

/** @param certificate PEM or DER */
export function keyHash(certificate: string | Uint8Array): string {
  return hashOf(new X509Certificate(certificate).publicKey);
}

function hashOf(publicKey: KeyObject): string {
  return createHash('sha256')
    .update(publicKey.export({ type: 'spki', format: 'der' }))
    .digest('hex');
}

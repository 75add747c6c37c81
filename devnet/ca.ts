// A certificate authority of the devnet's own, made anew at every start and trusted only by throw-away browser profiles.
// Its key stays in memory and is gone with the process: nothing it signed can be trusted by mistake later.

import 'reflect-metadata'; // @peculiar/x509 needs it before it loads.
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as x509 from '@peculiar/x509';

const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };
/** Longer than any run, short enough that a forgotten copy is worthless. Browsers refuse leaves of more than 398 days. */
const VALID_MS = 7 * 24 * 60 * 60 * 1000;
/** Backdated for clocks that are set back while a network runs. */
const BACKDATE_MS = 60 * 60 * 1000;
const SERVER_AUTH = '1.3.6.1.5.5.7.3.1';

export type Leaf = {
  /** PEM, leaf first. The authority is the root, so nothing follows. */
  chain: string;
  /** PEM, PKCS #8. */
  key: string;
};

export type CertificateAuthority = {
  /** PEM of the root. */
  certificate: string;
  /**
   * A server certificate for DNS names (wildcards included) and IP addresses.
   * @param options `validMs`: how long from now; negative for one that has expired
   */
  issue(names: readonly { type: 'dns' | 'ip'; value: string }[], options?: { validMs?: number }): Promise<Leaf>;
};

export async function createCertificateAuthority(name = 'CONET devnet (throw-away)'): Promise<CertificateAuthority> {
  x509.cryptoProvider.set(globalThis.crypto);
  const keys = await generateKeys();
  const root = await x509.X509CertificateGenerator.createSelfSigned({
    serialNumber: serial(),
    name: `CN=${name}`,
    ...validity(),
    signingAlgorithm: ALGORITHM,
    keys,
    extensions: [
      new x509.BasicConstraintsExtension(true, 0, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign, true),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  });
  return {
    certificate: root.toString('pem'),
    issue: async (names, { validMs = VALID_MS } = {}) => {
      const leafKeys = await generateKeys();
      const leaf = await x509.X509CertificateGenerator.create({
        serialNumber: serial(),
        // No subject: a Common Name may have 64 characters at most, and circuit names are longer (RFC 5280, appendix A.1).
        issuer: root.subject,
        ...validity(validMs),
        signingKey: keys.privateKey,
        signingAlgorithm: ALGORITHM,
        publicKey: leafKeys.publicKey,
        extensions: [
          new x509.BasicConstraintsExtension(false, undefined, true),
          new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
          new x509.ExtendedKeyUsageExtension([SERVER_AUTH]),
          // Critical, because the subject is empty (RFC 5280 §4.2.1.6).
          new x509.SubjectAlternativeNameExtension([...names], true),
          await x509.AuthorityKeyIdentifierExtension.create(root.publicKey),
        ],
      });
      const pkcs8 = await globalThis.crypto.subtle.exportKey('pkcs8', leafKeys.privateKey);
      return { chain: leaf.toString('pem'), key: x509.PemConverter.encode(pkcs8, 'PRIVATE KEY') };
    },
  };
}

/** Writes `chain.pem` and `key.pem` into `folder`, as a relay's `files` source reads them. */
export async function writeLeaf(folder: string, leaf: Leaf): Promise<{ chain: string; key: string }> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const paths = { chain: join(folder, 'chain.pem'), key: join(folder, 'key.pem') };
  await writeFile(paths.chain, leaf.chain);
  await writeFile(paths.key, leaf.key, { mode: 0o600 });
  return paths;
}

function generateKeys(): Promise<CryptoKeyPair> {
  return globalThis.crypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify']);
}

function validity(validMs = VALID_MS): { notBefore: Date; notAfter: Date } {
  const notAfter = Date.now() + validMs;
  return { notBefore: new Date(Math.min(Date.now(), notAfter) - BACKDATE_MS), notAfter: new Date(notAfter) };
}

/** 16 random bytes, the first below 0x80 so that the number is positive (RFC 5280 §4.1.2.2). */
function serial(): string {
  const bytes = Buffer.from(globalThis.crypto.getRandomValues(new Uint8Array(16)));
  bytes[0] = ((bytes[0] ?? 0) & 0x7f) | 0x40;
  return bytes.toString('hex');
}

// A small certificate authority for tests: ECDSA P-256 throughout, valid around now unless told otherwise.
// Keys are made anew in every run and live in memory.

import 'reflect-metadata';
import * as x509 from '@peculiar/x509';

const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };
const DAY_MS = 86_400_000;

export type TestCa = {
  /** PEM of the root, for a client to trust. */
  readonly certificate: string;
  issue(options: LeafOptions): Promise<Leaf>;
};

export type LeafOptions = {
  /** DNS names, wildcards included. */
  names: readonly string[];
  notBefore?: Date;
  notAfter?: Date;
};

/** `chain`: PEM, leaf first, then the root; `key`: PEM, PKCS #8. */
export type Leaf = { chain: string; key: string; notAfter: number };

export async function createTestCa(name = 'test root'): Promise<TestCa> {
  const rootKeys = await newKeys();
  const validity = { notBefore: new Date(Date.now() - DAY_MS), notAfter: new Date(Date.now() + 30 * DAY_MS) };
  const root = await x509.X509CertificateGenerator.createSelfSigned({
    ...validity,
    name: `CN=${name}`,
    keys: rootKeys,
    signingAlgorithm: ALGORITHM,
    extensions: [
      new x509.BasicConstraintsExtension(true, undefined, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign, true),
    ],
  });
  return {
    certificate: root.toString('pem'),
    async issue({ names, notBefore = validity.notBefore, notAfter = validity.notAfter }) {
      const keys = await newKeys();
      const leaf = await x509.X509CertificateGenerator.create({
        notBefore,
        notAfter,
        issuer: root.subject,
        publicKey: keys.publicKey,
        signingKey: rootKeys.privateKey,
        signingAlgorithm: ALGORITHM,
        extensions: [
          new x509.BasicConstraintsExtension(false, undefined, true),
          new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
          new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.serverAuth]),
          new x509.SubjectAlternativeNameExtension(names.map((value) => ({ type: 'dns' as const, value }))),
        ],
      });
      const pkcs8 = await crypto.subtle.exportKey('pkcs8', keys.privateKey);
      return {
        chain: `${leaf.toString('pem')}\n${root.toString('pem')}\n`,
        key: `${x509.PemConverter.encode(pkcs8, 'PRIVATE KEY')}\n`,
        notAfter: leaf.notAfter.getTime(),
      };
    },
  };
}

async function newKeys(): Promise<CryptoKeyPair> {
  return await crypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify']);
}

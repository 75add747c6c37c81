// A new key and the request for its certificate (PKCS #10), and the name that an authority has for a certificate (RFC 9773 §4.1). The one file that needs ASN.1. Called by autotls-zone.ts.

import 'reflect-metadata'; // @peculiar/x509 needs it before it loads.
import * as x509 from '@peculiar/x509';

export type CertificateRequest = {
  /** PKCS #10, DER. */
  csr: Uint8Array;
  /** PEM, PKCS #8. */
  key: string;
};

/** A key of its own for each certificate: one that leaked is worth two months. */
const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };

/** Without a subject: a common name has 64 characters at most, and relays' names have more. */
export async function createRequest(name: string): Promise<CertificateRequest> {
  const keys = await globalThis.crypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify']);
  const csr = await x509.Pkcs10CertificateRequestGenerator.create(
    {
      keys,
      signingAlgorithm: ALGORITHM,
      extensions: [new x509.SubjectAlternativeNameExtension([{ type: 'dns', value: name }])],
    },
    globalThis.crypto,
  );
  const pkcs8 = await globalThis.crypto.subtle.exportKey('pkcs8', keys.privateKey);
  return { csr: new Uint8Array(csr.rawData), key: x509.PemConverter.encode(pkcs8, 'PRIVATE KEY') };
}

/** Undefined where the certificate does not name its authority's key, or cannot be read here: it is then renewed by its age. @param pem the leaf */
export function certificateId(pem: string): string | undefined {
  try {
    const certificate = new x509.X509Certificate(pem);
    const { keyId } = certificate.getExtension(x509.AuthorityKeyIdentifierExtension) ?? {};
    if (keyId === undefined) return undefined;
    const serial = Buffer.from(certificate.serialNumber, 'hex');
    // As DER has it: a number whose first bit is set has a zero before it.
    const der = ((serial[0] ?? 0) & 0x80) === 0 ? serial : Buffer.concat([Buffer.from([0]), serial]);
    return `${Buffer.from(keyId, 'hex').toString('base64url')}.${der.toString('base64url')}`;
  } catch {
    return undefined;
  }
}

// Whether browsers will take the relay's certificate: its name, its time, and a chain that ends where they trust. That the key fits, whoever read the files has checked.
// Used by relay/cli/check.ts.

import { X509Certificate } from 'node:crypto';
import { getCACertificates } from 'node:tls';
import { wrong, type Finding } from './finding.ts';

const DAY_MS = 86_400_000;
/** Whoever renews by itself has done so weeks before. */
const SOON_DAYS = 7;
const PEM_CERTIFICATE = /-----BEGIN CERTIFICATE-----[\s\S]*?-----END CERTIFICATE-----/g;

/** @param chain PEM, leaf first. @param name a host, or all below one, `*.k51….zone`. @param now ms since the epoch */
export function checkCertificate(chain: string, name: string, now: number): Finding[] {
  const [leaf, ...others] = certificatesOf(chain);
  if (leaf === undefined) return [wrong('the certificate: there is none')];
  const days = Math.floor((leaf.validToDate.getTime() - now) / DAY_MS);
  return [
    ...(isFor(leaf, name)
      ? []
      : [wrong(`the certificate is not for ${name}, but for ${leaf.subjectAltName ?? 'no name'}`)]),
    ...(days < SOON_DAYS ? [wrong(`the certificate is valid for ${days} more days: renew it`)] : []),
    ...chainFindings([leaf, ...others]),
  ];
}

/** Whether browsers will trust it. @param chain PEM, leaf first */
export function checkTrust(chain: string): Finding[] {
  return chainFindings(certificatesOf(chain));
}

function certificatesOf(chain: string): X509Certificate[] {
  return (chain.match(PEM_CERTIFICATE) ?? []).map((pem) => new X509Certificate(pem));
}

/** One name stands for all below it. */
function isFor(leaf: X509Certificate, name: string): boolean {
  return leaf.checkHost(name.replace(/^\*\./, '192-0-2-1.')) !== undefined;
}

function chainFindings(chain: readonly X509Certificate[]): Finding[] {
  for (const [index, certificate] of chain.slice(0, -1).entries()) {
    if (!isIssuedBy(certificate, chain[index + 1]))
      return [wrong(`the certificate’s chain: number ${index + 2} of the file did not issue number ${index + 1}`)];
  }
  const last = chain.at(-1);
  // What this machine trusts, NODE_EXTRA_CA_CERTS among it: near to what browsers do.
  const roots = getCACertificates('default').map((pem) => new X509Certificate(pem));
  const isTrusted = roots.some(
    (root) => root.fingerprint256 === last?.fingerprint256 || (last && isIssuedBy(last, root)),
  );
  if (isTrusted) return [];
  return [
    wrong('the certificate’s chain ends with an authority that browsers do not trust, or an intermediate is missing'),
  ];
}

function isIssuedBy(certificate: X509Certificate, issuer: X509Certificate | undefined): boolean {
  return issuer !== undefined && certificate.checkIssued(issuer) && certificate.verify(issuer.publicKey);
}

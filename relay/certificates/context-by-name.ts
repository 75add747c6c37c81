// For a TLS server whose source has several certificates: the one for the name that the client asks for. Called by own-name.ts of the entry and door.ts of the exit.

import { createSecureContext, type SecureContext, type SecureContextOptions } from 'node:tls';
import type { Certificate, CertificateSource } from './certificate-source.ts';

type Callback = (error: Error | null, context?: SecureContext) => void;

/** Options of `createServer`; none where there is one certificate for all names. @param toOptions as for that one */
export function contextByName(
  source: CertificateSource,
  toOptions: (certificate: Certificate) => SecureContextOptions,
): { SNICallback?: (name: string, callback: Callback) => void } {
  if (source.forName === undefined) return {};
  // One for each certificate, gone with it: a renewed one is another object.
  const contexts = new WeakMap<Certificate, SecureContext>();
  return {
    SNICallback: (name, callback) => {
      const certificate = source.forName?.(name);
      const context = certificate && (contexts.get(certificate) ?? createSecureContext(toOptions(certificate)));
      if (certificate !== undefined && context !== undefined) contexts.set(certificate, context);
      callback(null, context);
    },
  };
}

// Where a relay's certificate comes from, and how a new one takes over without a dropped tunnel.
// `files` reads them from disk and again when they change; ACME joins as a second source.

export type Certificate = {
  /** PEM, leaf first, then the intermediates. */
  chain: string;
  /** PEM, PKCS #8. Never logged. */
  key: string;
  /** End of the leaf's validity, ms since the epoch. */
  notAfter: number;
};

export interface CertificateSource {
  /** The certificate in force. */
  current(): Certificate;
  /** Called with every later certificate; returns how to stop. */
  onChange(listener: (certificate: Certificate) => void): () => void;
  close(): void;
}

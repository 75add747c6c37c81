// Where a relay's certificate comes from, and how a new one takes over without a dropped tunnel.
// `files` reads them from disk and again when they change (file-source.ts); `autotls` gets them from certificate authorities (autotls-source.ts).

export type Certificate = {
  /** PEM, leaf first, then the intermediates. */
  chain: string;
  /** PEM, PKCS #8. Never logged. */
  key: string;
  /** End of the leaf's validity, ms since the epoch. */
  notAfter: number;
};

export interface CertificateSource {
  /** The certificate in force; of several the one for connections that ask for no name of theirs. */
  current(): Certificate;
  /** That for a name. Left out, or undefined: `current()`, since there is one for all names, or none for this one. */
  forName?(name: string): Certificate | undefined;
  /** Called with every later certificate; returns how to stop. */
  onChange(listener: (certificate: Certificate) => void): () => void;
  close(): void;
}

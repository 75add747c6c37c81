// Where the certificates of a relay's roles come from, by its configuration. Roles that share a folder of certificates share the source: they have the same names. Called by relay/relay.ts
// and, without waiting for an authority, by relay/cli/check.ts.

import type { Logger } from 'pino';
import type { CertificateConfig } from '../config/certificate.ts';
import type { Identity } from '../identity.ts';
import { createAutotlsSource } from './autotls-source.ts';
import type { CertificateSource } from './certificate-source.ts';

export type CreateFileSource = (init: { key: string; chain: string; log: Logger }) => Promise<CertificateSource>;

export type CertificateSources = {
  get(config: CertificateConfig): Promise<CertificateSource>;
  close(): void;
};

export function createCertificateSources(
  createFiles: CreateFileSource,
  identity: Identity,
  log: Logger,
): CertificateSources {
  const shared = new Map<string, Promise<CertificateSource>>();
  const opened: CertificateSource[] = [];
  const open = async ({ files, autotls }: CertificateConfig): Promise<CertificateSource> => {
    if (files !== undefined) return createFiles({ ...files, log });
    if (autotls === undefined) throw new TypeError('the configuration was checked: there is one of the two');
    const { label, privateKey } = identity;
    const source = shared.get(autotls.state) ?? createAutotlsSource({ config: autotls, label, privateKey, log });
    shared.set(autotls.state, source);
    return source;
  };
  return {
    get: async (config) => {
      const source = await open(config);
      opened.push(source);
      return source;
    },
    close: () => {
      for (const source of opened) source.close();
    },
  };
}

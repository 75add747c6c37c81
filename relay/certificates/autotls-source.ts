// Certificates for a relay's names in several zones at once, each from its zone's broker and an authority of its own (p2p-forge, ACME DNS-01). A zone or an authority that fails leaves the others as
// they are: a relay is reached while one of its zones works. Called by create-source.ts.

import type { PrivateKey } from '@libp2p/interface';
import type { Logger } from 'pino';
import { join } from 'node:path';
import type { PeerLabel } from '../../src/core/tunnel/circuit-name.ts';
import type { AutotlsConfig } from '../config/certificate.ts';
import { loadAccountKey } from './account-key.ts';
import { systemClock, type AutotlsClock } from './autotls-clock.ts';
import { keepZoneCertificate, loadZoneCertificate, type ZoneKeeperInit } from './autotls-zone.ts';
import type { Certificate, CertificateSource } from './certificate-source.ts';
import { createCertificateStore } from './certificate-store.ts';
import { createRfc6962Reader, CT_BODY_BYTES } from './ct-log-reader.ts';
import { watchCtLog, type CtWatcher } from './ct-watcher.ts';
import { createDialBackListener, type WithListener } from './dial-back-listener.ts';
import { createHttpsClient, type HttpsClient } from './https-request.ts';
import { registerChallenge } from './registration.ts';

export type AutotlsInit = {
  config: AutotlsConfig;
  /** The relay's peer id and key: what brokers ask for. */
  label: PeerLabel;
  privateKey: PrivateKey;
  log: Logger;
  /** For tests. */
  client?: HttpsClient;
  ctClient?: HttpsClient;
  clock?: AutotlsClock;
};

/**
 * Resolves when there is a certificate in one zone, from the disk at once: a relay has nothing to show before. Meanwhile it says what keeps it. Rejects only where the account's key
 * cannot be written.
 */
export async function createAutotlsSource({
  config,
  label,
  privateKey,
  log,
  ...parts
}: AutotlsInit): Promise<CertificateSource> {
  const { client = createHttpsClient(), clock = systemClock } = parts;
  const { ctClient = createHttpsClient({ maxBodyBytes: CT_BODY_BYTES }) } = parts;
  const account = await loadAccountKey(config.account ?? join(config.state, 'account.key'), log);
  const stopping = new AbortController();
  const certificates = new Map<string, Certificate>();
  const listeners = new Set<(certificate: Certificate) => void>();
  const withListener: WithListener =
    config.listen === undefined ? (work) => work() : createDialBackListener(config.listen, privateKey);
  const { promise: first, resolve: begin } = Promise.withResolvers<undefined>();

  /** In the order of the configuration, the first that is still good; else the one that was good last. */
  const current = (): Certificate => {
    const all = config.zones.flatMap(({ domain }) => certificates.get(domain) ?? []);
    const best =
      all.find(({ notAfter }) => notAfter > clock.now()) ?? all.sort((one, other) => other.notAfter - one.notAfter)[0];
    if (best === undefined) throw new TypeError('no zone has a certificate yet');
    return best;
  };

  const keepers = config.zones.map((zone): ZoneKeeperInit => {
    const name = `*.${label}.${zone.domain}`;
    return {
      ...{ zone, name, account, client, clock, log },
      store: createCertificateStore(config.state, zone.domain, name),
      register: (value, signal) =>
        withListener(() => {
          const { registration } = zone;
          return registerChallenge({ registration, privateKey, value, addresses: config.announce, client, signal });
        }),
      onCertificate: (certificate) => {
        certificates.set(zone.domain, certificate);
        begin(undefined);
        for (const listener of listeners) listener(current());
      },
    };
  });
  // All that is there before anything is asked for, so that the first of the list is the first to be shown.
  const found = await Promise.all(keepers.map(loadZoneCertificate));
  for (const [index, keeper] of keepers.entries()) {
    const held = found[index];
    if (held !== undefined) keeper.onCertificate(held.certificate);
    void keepZoneCertificate(keeper, held, stopping.signal);
  }
  const watchers = watchLogs({ config, label, keepers, ctClient, clock, log });
  await first;

  return {
    current,
    forName: (asked) => {
      const zone = config.zones.find(({ domain }) => asked.toLowerCase().endsWith(`.${label}.${domain}`));
      return zone && certificates.get(zone.domain);
    },
    onChange(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    close() {
      stopping.abort();
      listeners.clear();
      for (const watcher of watchers) watcher.close();
      if (parts.client === undefined) client.close();
      if (parts.ctClient === undefined) ctClient.close();
    },
  };
}

type Watched = Pick<AutotlsInit, 'config' | 'label' | 'log'> & {
  keepers: readonly ZoneKeeperInit[];
  ctClient: HttpsClient;
  clock: AutotlsClock;
};

function watchLogs({ config, label, keepers, ctClient, clock, log }: Watched): CtWatcher[] {
  return config.ctLogs.map((url) =>
    watchCtLog({
      reader: createRfc6962Reader(url, ctClient),
      names: config.zones.map(({ domain }) => `${label}.${domain}`),
      keys: async () => (await Promise.all(keepers.map(({ store }) => store.keys()))).flat(),
      onUnknown: (found) => {
        const words =
          'somebody else has a certificate for a name of this relay: its zone or an authority gave it to them';
        log.error({ event: 'certificate-unknown', ...found }, words);
      },
      ...{ clock, log },
    }),
  );
}

// What a proxy client must know to use the devnet, as one JSON value; printed by `npm run devnet` (docs/devnet.md says how to use it).

import type { Network } from './network.ts';
import { DNS_ADDRESS, SITES } from './plan.ts';

export type NetworkDescription = {
  /** PEM file of the authority that signed every certificate here. */
  ca: string;
  /** Address and port of the name server, UDP and TCP. */
  dns: string;
  /** The same over HTTPS. */
  doh: string;
  sites: { https: string; http: string }[];
  circuits: {
    /** An HTTPS proxy. */
    proxy: string;
    /** What its name resolves to, for clients that cannot be pointed at the name server (curl --resolve). */
    address: string;
    entry: string;
    exit: string;
  }[];
  logs: string;
};

export function describeNetwork({ caFile, ports, dohUrl, circuits, records, logs }: Network): NetworkDescription {
  const addressOf = (peer: string): string => records.find((record) => record.peer === peer)?.entry?.addresses[0] ?? '';
  return {
    ca: caFile,
    dns: `${DNS_ADDRESS}:${ports.dns}`,
    doh: dohUrl,
    sites: Object.values(SITES).map(({ host }) => ({
      https: `https://${host}:${ports.https}`,
      http: `http://${host}:${ports.http}`,
    })),
    circuits: circuits.map(({ proxyHost, proxyPort, entry, exit }) => ({
      proxy: `https://${proxyHost}:${proxyPort}`,
      address: addressOf(entry.peer),
      entry: entry.operator,
      exit: exit.operator,
    })),
    logs,
  };
}

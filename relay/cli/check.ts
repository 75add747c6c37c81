// `conet-relay check`: everything a start would need, without starting. One line for each thing that is wrong.

import { createServer } from 'node:net';
import type { Logger } from 'pino';
import { loadConfig, ConfigError } from '../config/load.ts';
import { formatHostPort, type HostPort, type RelayConfig } from '../config/schema.ts';
import { loadIdentity } from '../identity.ts';
import { openForReading } from '../ledger/ledger-file.ts';
import { LedgerError } from '../ledger/ledger-error.ts';
import type { RelayParts } from '../relay.ts';
import { loadPaymentKey } from '../payment-key.ts';
import { oneLine } from './one-line.ts';

/** Lines that say what is wrong; none when the relay would start. */
export async function check(path: string, parts: RelayParts, log: Logger): Promise<string[]> {
  let config: RelayConfig;
  try {
    config = await loadConfig(path);
  } catch (error) {
    if (error instanceof ConfigError) return [...error.lines];
    throw error;
  }
  const { entry, exit, zone } = config;
  const problems: Promise<string | undefined>[] = [problemOf(loadIdentity(config.identity))];
  for (const certificate of [entry?.certificate, exit?.certificate, zone?.registration.certificate]) {
    // Of `autotls` there is nothing to check without a certificate authority.
    if (certificate?.files === undefined) continue;
    problems.push(
      problemOf(parts.createCertificateSource({ ...certificate.files, log }).then((source) => source.close())),
    );
  }
  if (config.payments !== undefined) problems.push(problemOf(loadPaymentKey(config.payments.key)));
  if (config.ledger !== undefined) problems.push(problemOf(checkLedger(config.ledger)));
  if (entry !== undefined) problems.push(checkPort(entry.tunnels), checkPort(entry.libp2p));
  if (zone !== undefined) problems.push(checkPort(zone.registration.listen), ...zone.dns.map(checkPort));
  const found = await Promise.all(problems);
  // Both roles may name the same certificate.
  return [...new Set(found.filter((line) => line !== undefined))];
}

async function problemOf(work: Promise<unknown>): Promise<string | undefined> {
  try {
    await work;
    return undefined;
  } catch (error) {
    return oneLine(error);
  }
}

/** A start makes the ledger where there is none, and refuses one that is not good. */
async function checkLedger(path: string): Promise<void> {
  try {
    openForReading(path).close();
  } catch (error) {
    if (!(error instanceof LedgerError && error.code === 'missing')) throw error;
  }
  return Promise.resolve();
}

function checkPort({ host, port }: HostPort): Promise<string | undefined> {
  const { promise, resolve } = Promise.withResolvers<string | undefined>();
  const server = createServer();
  server.once('error', (error) => resolve(`${formatHostPort({ host, port })}: ${oneLine(error)}`));
  server.listen({ host, port }, () => server.close(() => resolve(undefined)));
  return promise;
}

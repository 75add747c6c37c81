// `conet-relay check`: what a start needs, without starting, and whether others can get here, as far as this machine can tell. One line for each thing that is wrong, with
// how to mend it.

import type { Logger } from 'pino';
import { checkAutotls } from '../check/autotls.ts';
import { checkCertificate } from '../check/certificate.ts';
import { checkChain } from '../check/chain.ts';
import { checkDisk } from '../check/disk.ts';
import { note, runChecks, wrong, type Check, type Finding } from '../check/finding.ts';
import { checkName } from '../check/name.ts';
import { planPorts } from '../check/port-plan.ts';
import { checkPorts } from '../check/ports.ts';
import { checkWeb } from '../check/web.ts';
import { createHttpsClient } from '../certificates/https-request.ts';
import type { BlockListConfig } from '../config/block-lists.ts';
import { loadConfig, ConfigError } from '../config/load.ts';
import { BlockListError, readBlockList } from '../exit/block-list.ts';
import type { RelayConfig } from '../config/schema.ts';
import { loadIdentity, type Identity } from '../identity.ts';
import { openForReading } from '../ledger/ledger-file.ts';
import { LedgerError } from '../ledger/ledger-error.ts';
import type { RelayParts } from '../relay.ts';
import { loadPaymentKey } from '../payment-key.ts';
import { ownAddresses } from '../registry/own-addresses.ts';
import { askStatus } from '../status/ask-status.ts';
import { statusPath } from '../status/status.ts';
import { oneLine } from './one-line.ts';

export type CheckOptions = {
  /** Only what needs no network. */
  offline: boolean;
  /** `address:port` of a name server; undefined: the system's. */
  resolver: string | undefined;
};

/** What is wrong, and what is worth knowing; nothing when the relay would start and can be reached. */
export async function check(path: string, parts: RelayParts, log: Logger, options: CheckOptions): Promise<Finding[]> {
  let config: RelayConfig;
  try {
    config = await loadConfig(path);
  } catch (error) {
    if (error instanceof ConfigError) return error.lines.map(wrong);
    throw error;
  }
  const { payments, ledger } = config;
  const identity = await loadIdentity(config.identity).catch((error: unknown) => oneLine(error));
  const key = payments && (await loadPaymentKey(payments.key).catch((error: unknown) => oneLine(error)));
  const known = typeof identity === 'string' ? undefined : identity;
  const runs = known !== undefined && (await isRunning(config, known));

  const checks: Check[] = [
    {
      name: 'the ports',
      run: async (signal) => checkPorts(planPorts(config, { offline: options.offline, runs }), { runs, signal }),
    },
    ...certificateChecks(config, known, parts, log),
    ...autotlsChecks(config, known, { runs, offline: options.offline }),
    ...(config.exit?.blockLists ?? []).map((list) => ({ name: 'a block list', run: () => checkBlockList(list) })),
    ...(ledger === undefined ? [] : [{ name: 'the ledger', run: async () => checkLedger(ledger) }]),
  ];
  if (!options.offline && known !== undefined) checks.push(...networkChecks(config, known, options, accountOf(key)));
  if (!options.offline) checks.push(...webChecks(config, known, runs));
  const found = await runChecks(checks);
  const keys = [identity, key].filter((each) => typeof each === 'string').map(wrong);
  const running = runs ? [note('the relay runs: its ports were dialled, and not listened on')] : [];
  // Both roles may name the same certificate.
  const lines = new Map([...keys, ...running, ...found].map((finding) => [finding.line, finding]));
  return [...lines.values()];
}

async function checkBlockList(list: BlockListConfig): Promise<Finding[]> {
  try {
    const { names, networks } = await readBlockList(list);
    return names.size + networks.length === 0 ? [note(`${list.file}: has no entries`)] : [];
  } catch (error) {
    if (error instanceof BlockListError) return [wrong(error.message)];
    throw error;
  }
}

function networkChecks(
  { public: reached, payments, entry }: RelayConfig,
  { label }: Identity,
  { resolver }: CheckOptions,
  account: `0x${string}` | undefined,
): Check[] {
  const checks: Check[] = [];
  if (reached?.zone !== undefined) {
    const { zone, addresses } = reached;
    const init = { peer: label, zone, addresses, server: resolver };
    checks.push({ name: 'the relay’s name', run: async (signal) => checkName(init, signal) });
  }
  if (payments !== undefined) {
    const own = addressesOrFault({ entry, public: reached }, label);
    if (typeof own === 'string') checks.push({ name: 'the addresses', run: () => Promise.resolve([wrong(own)]) });
    const init = {
      payments,
      peer: label,
      account,
      addresses: typeof own === 'string' ? undefined : own,
      now: Date.now,
    };
    checks.push({ name: 'the chain', run: async (signal) => checkChain(init, signal) });
  }
  return checks;
}

/** Undefined: the configuration does not say. */
function addressesOrFault(
  config: Pick<RelayConfig, 'entry' | 'public'>,
  label: string,
): Uint8Array | string | undefined {
  if (config.entry !== undefined && config.public === undefined) return undefined;
  try {
    return ownAddresses(config, label).bytes;
  } catch (error) {
    return oneLine(error);
  }
}

/** `name`: of whom it has to be; undefined: that is not known. */
type CertificateUse = { files: { key: string; chain: string } | undefined; name: string | undefined };

function certificateChecks(
  { entry, exit, zone, public: reached }: RelayConfig,
  identity: Identity | undefined,
  parts: RelayParts,
  log: Logger,
): Check[] {
  const own = identity && reached?.zone !== undefined ? `*.${identity.label}.${reached.zone}` : undefined;
  const uses: CertificateUse[] = [
    ...[entry?.certificate, exit?.certificate].map((certificate) => ({ files: certificate?.files, name: own })),
    { files: zone?.registration.certificate.files, name: zone?.registration.name },
  ];
  return uses.map(({ files, name }) => ({
    name: 'the certificate',
    run: async () => {
      if (files === undefined) return [];
      const source = await parts.createCertificateSource({ ...files, log }).catch((error: unknown) => oneLine(error));
      if (typeof source === 'string') return [wrong(source)];
      const { chain } = source.current();
      source.close();
      // Without a public name it is a relay of a test, or one that is told of by other means.
      return name === undefined ? [] : checkCertificate(chain, name, Date.now());
    },
  }));
}

function autotlsChecks(
  { entry, exit, public: reached }: RelayConfig,
  identity: Identity | undefined,
  { runs, offline }: { runs: boolean; offline: boolean },
): Check[] {
  if (identity === undefined) return [];
  const all = [entry?.certificate.autotls, exit?.certificate.autotls].filter((each) => each !== undefined);
  // Roles that share a folder share all else.
  const configs = new Map(all.map((config) => [config.state, config]));
  return [...configs.values()].map((config) => ({
    name: 'the certificates',
    run: async (signal) => {
      const client = offline ? undefined : createHttpsClient();
      try {
        const init = { config, label: identity.label, client, runs, now: Date.now };
        const found = await checkAutotls(init, signal);
        const zone = reached?.zone;
        if (zone === undefined || config.zones.some(({ domain }) => domain === zone)) return found;
        return [
          ...found,
          wrong(`public.zone: none of certificate.autotls.zones is ${zone}, so its name has no certificate`),
        ];
      } finally {
        client?.close();
      }
    },
  }));
}

function webChecks({ entry, public: reached }: RelayConfig, identity: Identity | undefined, runs: boolean): Check[] {
  const web = entry?.web;
  if (web === undefined) return [];
  const own = identity && reached?.zone !== undefined ? { peer: identity.label, zone: reached.zone } : undefined;
  const port = reached?.tunnelPort ?? entry?.tunnels[0].port ?? 0;
  const reach = runs ? (reached?.addresses ?? []).map((host) => ({ host, port })) : [];
  return [{ name: 'the web server', run: async (signal) => checkWeb({ web, own, reach }, signal) }];
}

/** A start makes the ledger where there is none, and refuses one that is not good. */
async function checkLedger(path: string): Promise<Finding[]> {
  try {
    openForReading(path).close();
  } catch (error) {
    if (!(error instanceof LedgerError && error.code === 'missing')) return [wrong(oneLine(error))];
  }
  return checkDisk(path);
}

function accountOf(key: string | { address: `0x${string}` } | undefined): `0x${string}` | undefined {
  return typeof key === 'object' ? key.address : undefined;
}

/** Then its ports are in use, as they should be. */
async function isRunning(config: RelayConfig, { label }: Identity): Promise<boolean> {
  return askStatus(statusPath(config)).then(
    ({ peer }) => peer === label,
    () => false,
  );
}

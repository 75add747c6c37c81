// The composition root of the daemon: builds what the configuration asks for, in order, and takes it down again. Nothing is built
// elsewhere. Called by relay/cli/run.ts; tests call it with a proxy of their own.

import type { Logger } from 'pino';
import type { CertificateSource } from './certificates/certificate-source.ts';
import { createCertificateSources, type CreateFileSource } from './certificates/create-source.ts';
import { createPayeeChain } from './chain/create.ts';
import { hostsOf } from './config/listen.ts';
import type { ExitConfig, RelayConfig } from './config/schema.ts';
import { formatHostPort, parseHostPort } from './config/schema.ts';
import { createBonds, type Bonded } from './directory/bonds.ts';
import { keepDirectory } from './directory/keeper.ts';
import { loadPayee } from './directory/payee-of.ts';
import { createEntry, type Entry } from './entry/entry.ts';
import type { ExitProxy, ExitRules } from './exit/exit-proxy.ts';
import type { ExitProxyInit } from './exit/proxy.ts';
import { createExit, type Exit } from './exit/exit.ts';
import type { Multiaddr } from '@multiformats/multiaddr';
import { peerLabel, type Identity } from './identity.ts';
import { logEvent } from './log.ts';
import { openLedger, type Ledger } from './ledger/ledger.ts';
import { createRelayNode } from './net/node.ts';
import { peerOfAddress } from './net/peer-of-address.ts';
import { openWhenFree, runsAlready } from './operations/beside.ts';
import { createOperations } from './operations/operations.ts';
import { createPayees } from './session/create-payees.ts';
import { loadPaymentKey } from './payment-key.ts';
import { addressesOf, readStatus } from './status/read-status.ts';
import { isServed, serveStatus } from './status/serve-status.ts';
import { statusPath, type Status } from './status/status.ts';
import { createTransitKeys, type TransitKeys } from './transit/keys.ts';
import { payExits } from './transit/pay-exits.ts';
import { createZone, type ZoneRole } from './zone/zone.ts';

/** What a relay is made of and this file does not build. */
export type RelayParts = {
  createCertificateSource: CreateFileSource;
  createExitProxy(init: ExitProxyInit): Promise<ExitProxy>;
};

export type Relay = {
  /** Reads the configuration anew and takes of it what can change while it runs. What is wrong with it is logged, and then nothing changes. Never rejects. */
  reload(read: () => Promise<RelayConfig>): Promise<void>;
  /** What running tunnels get at its end, ms: as the configuration has it by then. */
  drainMs(): number;
  /** Ends within `drainMs` and 5 s: tunnels get `drainMs` to end by themselves, then everything is cut. */
  stop(): Promise<void>;
};

export async function startRelay(
  config: RelayConfig,
  identity: Identity,
  log: Logger,
  parts: RelayParts,
): Promise<Relay> {
  const { entry: entryConfig, exit: exitConfig } = config;
  const since = Date.now();
  /** Built so far, to be closed in reverse when a later step fails. */
  const built: (() => Promise<void> | void)[] = [];
  const closeAll = async (): Promise<void> => {
    for (const close of built.reverse()) await close();
  };
  try {
    const operations = await createOperations(config, identity, log);
    built.push(() => operations.close());
    const beside = await runsAlready(statusPath(config), identity.label);
    await operations.serve(beside);
    const { metrics } = operations;
    let ledger: Ledger | undefined;
    if (config.ledger !== undefined) {
      const opened = openLedger({ path: config.ledger, entry: entryConfig !== undefined, thread: true });
      built.push(() => opened.close());
      ledger = opened;
    }
    let chain: Awaited<ReturnType<typeof createPayeeChain>> | undefined;
    let transitKeys: TransitKeys | undefined;
    if (config.payments !== undefined && ledger !== undefined) {
      const key = await loadPaymentKey(config.payments.key);
      const made = await createPayeeChain({ config: config.payments, key, ledger, log });
      built.push(() => made.close());
      chain = made;
      transitKeys = createTransitKeys(key, made.network);
    }
    const mayDial = exitConfig?.entries.map(peerOfAddress) ?? [];
    const node = await createRelayNode({
      privateKey: identity.privateKey,
      listen: entryConfig?.libp2p ?? [],
      mayDial,
    });
    built.push(() => node.stop());
    const payees =
      config.payments &&
      ledger &&
      chain &&
      createPayees({ config: config.payments, identity, node, ledger, chain, log });
    const certificates = createCertificateSources(parts.createCertificateSource, identity, log);
    built.push(() => certificates.close());

    let zone: ZoneRole | undefined;
    if (config.zone !== undefined) {
      const certificate = await certificates.get(config.zone.registration.certificate);
      const made = await createZone({ config: config.zone, certificate, identity, log });
      built.push(() => made.close());
      zone = made;
    }
    let exitCertificate: CertificateSource | undefined;
    let exit: Exit | undefined;
    if (exitConfig !== undefined) {
      const certificate = await certificates.get(exitConfig.certificate);
      exitCertificate = certificate;
      const proxy = await parts.createExitProxy({
        ...exitProxyInit(config, exitConfig, identity, certificate, log),
        ...operations.rules(),
        observer: metrics,
        shortage: operations.shortage,
      });
      // Before the first dial, as all that an entry may open.
      const meterOf = await payees?.takeTransit();
      exit = await createExit({
        ...{ node, entries: exitConfig.entries, proxy, limits: config.limits, shortage: operations.shortage, log },
        ...(meterOf && { meterOf }),
        onRefused: metrics.exitRefused,
        onThrottled: metrics.throttled,
      });
      const made = exit;
      operations.hasExit({ exit, proxy, certificate, configured: exitConfig.entries.length });
      built.push(() => made.close(0));
    }
    let entry: Entry | undefined;
    if (entryConfig !== undefined) {
      const certificate = await certificates.get(entryConfig.certificate);
      const { payments, ledger: ledgerPath } = config;
      const exits =
        payments && ledgerPath && ledger && chain && transitKeys
          ? payExits({ payments, ledgerPath, ledger, chain, keys: transitKeys, identity, log })
          : undefined;
      if (exits !== undefined) built.push(() => exits.keeper.close());
      entry = await createEntry({
        node,
        label: identity.label,
        tunnels: entryConfig.tunnels,
        ...(config.payments === undefined ? {} : { leasePorts: config.payments.leasePorts }),
        certificate,
        web: entryConfig.web,
        transit: exits?.transit,
        ...{ limits: config.limits, shortage: operations.shortage, contact: operations.contact },
        onRefused: metrics.entryRefused,
        onThrottled: metrics.throttled,
        log,
      });
      operations.hasEntry({ entry, certificate });
      if (entry.leases !== undefined) await payees?.takeSessions(entry.leases);
    }
    const payee = config.directory && (await loadPayee(config));
    if (config.directory !== undefined && config.public !== undefined && payee !== undefined) {
      const { directory, public: reached } = config;
      const registry = config.payments?.registry ?? payee.network.registry;
      const bonds =
        config.payments === undefined || registry === undefined
          ? undefined
          : createBonds({ network: payee.network, registry, urls: config.payments.rpc, log });
      if (bonds !== undefined) built.push(() => bonds.close());
      const keeper = await keepDirectory({
        ...{ config: { ...config, directory, public: reached }, identity, payee, node, mayDial, log, now: Date.now },
        certificate: exitCertificate,
        ...(bonds && { isVouched: (relay: Bonded) => bonds.isVouched(relay) }),
        ports: { tunnels: parseHostPort(entry?.tunnels[0] ?? '')?.port ?? 0, libp2p: portOf(node.getMultiaddrs()) },
      });
      built.push(() => keeper.close());
    }
    const status = (): Status =>
      readStatus({ config, identity, since, entry, exit, ledger: config.ledger, waiting: operations.waiting() });
    const socket = statusPath(config);
    const opened = await openWhenFree(
      async () => (beside && (await isServed(socket)) ? undefined : { close: await serveStatus(socket, log, status) }),
      { beside, what: 'the status socket', log },
    );
    built.push(() => opened.close());
    operations.started();
    logEvent(log, 'relay-ready', {
      peer: identity.label,
      peerId: identity.peerId.toString(),
      roles: [
        ...(entry === undefined ? [] : ['entry']),
        ...(exit === undefined ? [] : ['exit']),
        ...(zone === undefined ? [] : ['zone']),
      ],
      ...(entry === undefined ? {} : { tunnels: entry.tunnels[0], libp2p: node.getMultiaddrs().map(String) }),
      ...(entry === undefined ? {} : { begin: addressesOf(config, identity, entry) }),
      ...(entry !== undefined && entry.tunnels.length > 1 ? { alsoTunnels: entry.tunnels.slice(1) } : {}),
      ...(exitConfig === undefined ? {} : { entries: exitConfig.entries.length }),
      ...zone?.facts,
    });
    return {
      drainMs: () => operations.drainMs(),
      reload: (read) => operations.reload(read),
      stop: () => {
        operations.draining();
        payees?.drain();
        return stopRelay(log, closeAll, operations.drainMs(), entry, exit);
      },
    };
  } catch (error) {
    await closeAll();
    throw error;
  }
}

async function stopRelay(
  log: Logger,
  closeAll: () => Promise<void>,
  drainMs: number,
  entry?: Entry,
  exit?: Exit,
): Promise<void> {
  logEvent(log, 'relay-draining');
  await Promise.all([entry?.close(drainMs), exit?.close(drainMs)]);
  await closeAll();
  logEvent(log, 'relay-stopped');
}

function exitProxyInit(
  config: RelayConfig,
  exit: ExitConfig,
  identity: Identity,
  certificate: CertificateSource,
  log: Logger,
): Omit<ExitProxyInit, keyof ExitRules> {
  return {
    certificate,
    peer: identity.label,
    entries: exit.entries.map((address) => peerLabel(peerOfAddress(address))),
    sign: async (bytes) => identity.privateKey.sign(bytes),
    ...(exit.source === undefined ? {} : { source: exit.source }),
    ...(exit.resolvers === undefined ? {} : { resolvers: exit.resolvers.map(formatHostPort) }),
    ownAddresses: ownAddresses(config, exit),
    log,
  };
}

/** What the configuration names; the proxy adds the addresses of the machine's interfaces itself. */
function ownAddresses(config: RelayConfig, exit: ExitConfig): string[] {
  const { entry, operations } = config;
  const listens = entry === undefined ? [] : hostsOf([...entry.tunnels, ...entry.libp2p]);
  const named = [...listens, operations?.listen.host, exit.source];
  return [...new Set(named.filter((address) => address !== undefined))];
}

/** The one that the system has given, where the configuration left it open; 0 where the node listens on none. */
function portOf(listened: Multiaddr[]): number {
  const [first] = listened;
  return Number(first?.getComponents().find(({ name }) => name === 'tcp')?.value ?? 0);
}

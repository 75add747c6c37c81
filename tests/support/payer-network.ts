// What a payer in the worker meets, for integration tests: a real entry with a ledger and an exit, the devnet's chain, and workers that can die on a browser's
// storage that does not. Everything of the worker is the real one but the browser.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { startChain } from '../../devnet/chain/chain.ts';
import { createLifeline } from '../../devnet/lifeline.ts';
import { createFileCertificateSource } from '../../relay/certificates/file-source.ts';
import { parseHostPort } from '../../relay/config/parts.ts';
import { loadConfig } from '../../relay/config/load.ts';
import { createIdentity, type Identity } from '../../relay/identity.ts';
import { createPaymentKey } from '../../relay/payment-key.ts';
import { startRelay, type Relay } from '../../relay/relay.ts';
import { formatCircuitName } from '../../src/core/tunnel/circuit-name.ts';
import { createTestCa } from './certificates.ts';
import { makeDevice, startWorker, type Device, type PayingWorkerInit } from './paying-worker.ts';
import { createRawProxy } from './raw-proxy.ts';
import { receive } from './relay-client.ts';
import { makeHello } from './relay-hello.ts';
import { startPayerNode } from './session-wire.ts';

export type PayerNetworkInit = {
  /** Of the loopback range: of this test alone. */
  host: string;
  freeMiBPerDay: number;
  /** Base units; missing: the relay's own default. */
  minDeposit?: number;
  /** For more peers than one behind this address. */
  leasePorts?: number[];
};

export async function startPayerNetwork({ host, ...terms }: PayerNetworkInit) {
  const folder = mkdtempSync(join(tmpdir(), 'payments-'));
  const lifeline = createLifeline();
  const relays: Relay[] = [];
  const lines: Record<string, unknown>[] = [];
  const log = pino(
    { level: 'info', base: null },
    { write: (line: string) => void lines.push(JSON.parse(line) as Record<string, unknown>) },
  );
  const start = async (name: string, identity: Identity, roles: object): Promise<Record<string, unknown>> => {
    const path = join(folder, `${name}.yaml`);
    writeFileSync(path, JSON.stringify({ identity: `${name}.key`, operator: name, region: 'DE', ...roles }));
    const parts = { createCertificateSource: createFileCertificateSource, createExitProxy: () => createRawProxy() };
    relays.push(await startRelay(await loadConfig(path), identity, log, parts));
    return lines.findLast(({ event }) => event === 'relay-ready')!;
  };

  const ca = await createTestCa();
  const entry = await createIdentity(join(folder, 'entry.key'));
  const exit = await createIdentity(join(folder, 'exit.key'));
  for (const [name, { label }] of [['entry', entry] as const, ['exit', exit] as const]) {
    const leaf = await ca.issue({ names: [`*.${label}.relay.test`] });
    writeFileSync(join(folder, `${name}-tls.key`), leaf.key, { mode: 0o600 });
    writeFileSync(join(folder, `${name}-tls.pem`), leaf.chain);
  }
  const chain = await startChain({ lifeline, folder });
  const key = await createPaymentKey(join(folder, 'payment.key'));
  await chain.addGas(key.address, 10n ** 18n);
  const files = (name: string) => ({ files: { key: `${name}-tls.key`, chain: `${name}-tls.pem` } });
  const ready = await start('entry', entry, {
    entry: { tunnels: `${host}:0`, libp2p: `${host}:0`, certificate: files('entry') },
    public: { addresses: [host], zone: 'relay.test', tunnelPort: 443, libp2pPort: 443 },
    directory: { file: './directory' },
    payments: { network: 'devnet', rpc: [chain.url], key: 'payment.key', incrementMiB: 16, ...terms },
  });
  const [address] = ready['libp2p'] as [string];
  await start('exit', exit, { exit: { entries: [address], certificate: files('exit') } });
  const nodes = [await startPayerNode()];
  const reports: unknown[] = [];
  const abandoned: string[] = [];

  return {
    ...{ chain, key, entry, reports, abandoned },
    /** Where browsers find the entry, and the authority that its certificate is of. */
    ...{ tunnels: parseHostPort(String(ready['tunnels']))!, ca: ca.certificate },
    /** A machine with a browser: what outlives a worker. */
    machine: () => {
      const device: Device = { ...makeDevice(), reports, abandoned };
      const place = { address: () => address, entry: { peer: entry.label, operator: 'alder' }, rpc: chain.url };
      return {
        browser: device.browser,
        startWorker: (session?: PayingWorkerInit['session']) =>
          startWorker({ device, node: () => nodes[0]!, session, ...place }),
      };
    },
    /** The browser was restarted: its next worker is another peer, which the entry has not counted messages of. */
    nextPeer: async () => void nodes.unshift(await startPayerNode()),
    /** The worker is gone, and with it its streams. */
    cutStreams: () => {
      for (const connection of nodes.flatMap((node) => node.getConnections())) {
        for (const stream of connection.streams) stream.abort(new Error('the worker died'));
      }
    },
    /** How many bytes came through entry and exit. */
    download: async (bytes: number, port: number): Promise<number> => {
      const socket = connect({ host, port, allowHalfOpen: true });
      socket.on('error', () => undefined);
      const serverName = formatCircuitName({ address: host, peer: exit.label, zone: 'relay.test' });
      socket.write(Buffer.concat([makeHello({ serverName }), Buffer.from(`send ${bytes}\n`)]));
      return (await receive(socket)).length;
    },
    close: async () => {
      for (const node of nodes) await node.stop();
      for (const relay of relays.reverse()) await relay.stop();
      await chain.close();
      await lifeline.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

export type PayerNetwork = Awaited<ReturnType<typeof startPayerNetwork>>;

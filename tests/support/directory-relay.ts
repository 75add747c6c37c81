// Relays that do nothing but keep the directory, in the process of the test: real libp2p nodes on loopback, real keys, real files.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { generateKeyPair } from '@libp2p/crypto/keys';
import type { PeerId } from '@libp2p/interface';
import { peerIdFromPrivateKey, peerIdFromString } from '@libp2p/peer-id';
import { multiaddr } from '@multiformats/multiaddr';
import { pino } from 'pino';
import * as v from 'valibot';
import { ConfigSchema } from '../../relay/config/schema.ts';
import { keepDirectory, type KeeperInit } from '../../relay/directory/keeper.ts';
import { peerLabel, type Identity } from '../../relay/identity.ts';
import { createRelayNode, type RelayNode } from '../../relay/net/node.ts';
import { createPaymentKey, type PaymentKey } from '../../relay/payment-key.ts';
import type { RelayDescriptor } from '../../src/core/directory/descriptor.ts';
import { openDescriptor, type SignedDescriptor } from '../../src/core/directory/open-descriptor.ts';
import { askDirectory } from '../../src/net/directory-client.ts';
import { DEVNET, KEYS } from './descriptors.ts';

const HOST = '127.0.1.33';
/** Between two rounds: the protocol is what is tested, not its patience. */
const ASK_SECONDS = 0.2;

export type DirectoryRelay = {
  identity: Identity;
  /** With the peer id. */
  address: string;
  node: RelayNode;
  /** Lines of its log. */
  log: string[];
  /** How many it knows, itself among them. */
  size(): number;
  stop(): Promise<void>;
};

export type DirectoryRelayInit = {
  neighbours?: string[];
  /** Dials these and stays connected: an exit. */
  entries?: string[];
  /** What it had before. */
  again?: DirectoryRelay;
  /** Has the key of that relay, and nothing else of it. */
  twinOf?: DirectoryRelay;
  /** ms by which its clock is wrong. */
  clockAhead?: number;
};

export async function createDirectoryBench() {
  const folder = mkdtempSync(join(tmpdir(), 'directory-test-'));
  const running = new Set<DirectoryRelay>();
  const files = new Map<Identity, { file: string; payee: PaymentKey; port: number }>();
  const asker = await createNode({ mayDial: [] });
  let count = 0;

  return {
    folder,
    fileOf: (relay: DirectoryRelay): string => files.get(relay.identity)!.file,

    start: async ({ neighbours = [], entries, again, twinOf, clockAhead = 0 }: DirectoryRelayInit = {}) => {
      const identity = again?.identity ?? (twinOf && { ...twinOf.identity }) ?? (await createIdentity());
      const name = join(folder, `relay${(count += 1)}`);
      const kept = files.get(identity) ?? { file: `${name}-directory`, payee: await createPaymentKey(name), port: 0 };
      const mayDial: PeerId[] = (entries ?? []).map(peerOf);
      const node = await createRelayNode({
        privateKey: identity.privateKey,
        listen: [{ host: HOST, port: kept.port }],
        mayDial,
      });
      const [listened] = node.getMultiaddrs();
      kept.port = Number(/\/tcp\/(\d+)/.exec(String(listened))![1]);
      files.set(identity, kept);
      for (const entry of entries ?? []) await node.dial(multiaddr(entry));
      const log: string[] = [];
      const keeper = await keepDirectory({
        config: configOf({ neighbours, entries, file: kept.file }),
        payee: { network: DEVNET, key: kept.payee.key, address: kept.payee.address },
        ...{ identity, node, mayDial, certificate: undefined },
        ports: { tunnels: 443, libp2p: kept.port },
        log: pino({ base: null, level: 'debug' }, { write: (line: string) => void log.push(line) }),
        now: () => Date.now() + clockAhead,
      });
      const relay: DirectoryRelay = {
        ...{ identity, node, log, address: String(listened) },
        size: () => keeper.directory.size,
        stop: async () => {
          running.delete(relay);
          await keeper.close();
          await node.stop();
        },
      };
      running.add(relay);
      return relay;
    },

    /** What it tells whoever asks: opened. */
    directoryOf: async (relay: DirectoryRelay): Promise<RelayDescriptor[]> => {
      const init = { keys: KEYS, chainId: DEVNET.chainId, now: Date.now() };
      const opened = await Promise.all((await read(relay)).map((entry) => openDescriptor(entry, init)));
      return opened.map(({ descriptor }) => descriptor);
    },
    read,

    clean: async (): Promise<void> => {
      await Promise.all([...running].map((relay) => relay.stop()));
      await asker.node.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };

  async function read(relay: DirectoryRelay): Promise<SignedDescriptor[]> {
    asker.mayDial.push(relay.identity.peerId);
    const connection = await asker.node.dial(multiaddr(relay.address));
    return (await askDirectory(connection, undefined, { signal: AbortSignal.timeout(10_000) })).entries;
  }
}

export type DirectoryBench = Awaited<ReturnType<typeof createDirectoryBench>>;

export async function createNode({ mayDial }: { mayDial: PeerId[] }) {
  const node = await createRelayNode({
    privateKey: await generateKeyPair('Ed25519'),
    listen: [{ host: HOST, port: 0 }],
    mayDial,
  });
  return { node, mayDial };
}

async function createIdentity(): Promise<Identity> {
  const privateKey = await generateKeyPair('Ed25519');
  const peerId = peerIdFromPrivateKey(privateKey);
  return { privateKey, peerId, label: peerLabel(peerId) };
}

function configOf({
  neighbours,
  entries,
  file,
}: {
  neighbours: string[];
  entries: string[] | undefined;
  file: string;
}): KeeperInit['config'] {
  const certificate = { files: { key: 'unused', chain: 'unused' } };
  const {
    directory,
    public: reached,
    ...config
  } = v.parse(ConfigSchema, {
    ...{ identity: 'unused', operator: 'alder', region: 'DE' },
    public: { addresses: [HOST], zone: 'relay.test', zoneRelay: `k${'5'.repeat(61)}` },
    directory: { file, neighbours, payee: { network: 'devnet', key: 'unused' } },
    ...(entries === undefined
      ? { entry: { tunnels: `${HOST}:443`, libp2p: `${HOST}:1`, certificate } }
      : { exit: { entries, certificate } }),
  });
  return { ...config, public: reached!, directory: { ...directory!, askSeconds: ASK_SECONDS } };
}

function peerOf(address: string): PeerId {
  return multiaddr(address)
    .getComponents()
    .filter(({ name }) => name === 'p2p')
    .map(({ value }) => peerIdFromString(value!))[0]!;
}

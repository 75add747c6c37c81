// A relay's part in the directory: what it knows of others, what it says of itself, whom it asks and whom it answers. Built by relay/relay.ts; takes no part in any tunnel.

import { randomBytes, X509Certificate } from 'node:crypto';
import type { Ed25519PublicKey, PeerId } from '@libp2p/interface';
import { peerIdFromString } from '@libp2p/peer-id';
import type { Logger } from 'pino';
import type { Hex } from '../../src/core/payment/hex.ts';
import { FINGERPRINT_BYTES, type RelayDescriptor } from '../../src/core/directory/descriptor.ts';
import { Directory, epoch, type DirectoryInit } from '../../src/core/directory/directory.ts';
import type { DescriptorKeys, OpenedDescriptor } from '../../src/core/directory/open-descriptor.ts';
import { isReachableRelay } from '../../src/core/directory/reachable.ts';
import type { PeerLabel } from '../../src/core/tunnel/circuit-name.ts';
import { isOfPayee } from '../../src/chain/rail/relay-descriptor.ts';
import type { CertificateSource } from '../certificates/certificate-source.ts';
import { createBeat } from '../chain/beat.ts';
import type { DirectoryConfig, PublicConfig } from '../config/directory.ts';
import type { RelayConfig } from '../config/schema.ts';
import { peerLabel, type Identity } from '../identity.ts';
import { logEvent } from '../log.ts';
import type { RelayNode } from '../net/node.ts';
import { peerOfAddress } from '../net/peer-of-address.ts';
import { describeRelay, type Described } from './describe.ts';
import { readDirectoryFile, writeDirectoryFile, type Stored } from './directory-file.ts';
import { createGossip, type Place } from './gossip.ts';
import { createIntake } from './intake.ts';
import { OwnDescriptor, saysTheSame } from './own-descriptor.ts';
import type { DirectoryPayee } from './payee-of.ts';
import { serveDirectory } from './serve.ts';

/** Three networks of the size that is planned for; beyond it nobody new gets in. 500 bytes each. */
const MAX_RELAYS = 30_000;
/** What is not written yet when a relay dies comes again from others. */
const SAVE_MS = 60_000;
/** Between two descriptors of one relay, as a part of the time between two rounds. */
const LEAST_BETWEEN = 0.1;
/** Of the relays that were known before a restart and are over: how many to try, when nobody else is known. */
const MAX_OLD_PLACES = 200;

export type KeeperInit = {
  config: RelayConfig & { directory: DirectoryConfig; public: PublicConfig };
  identity: Identity;
  payee: DirectoryPayee;
  node: RelayNode;
  ports: Described['ports'];
  /** Peers that the node may dial: read at each dial. */
  mayDial: PeerId[];
  /** The exit's. */
  certificate: CertificateSource | undefined;
  log: Logger;
  /** Behind which relays a bond stands; left out: behind none that is known. */
  isVouched?: DirectoryInit['isVouched'];
  /** ms since the epoch. */
  now: () => number;
};

export type Keeper = {
  directory: Directory;
  /** Ends what is under way, and keeps what is known. */
  close(): Promise<void>;
};

/** Answers from the first moment on, and asks at once. Throws what the node throws. */
export async function keepDirectory(init: KeeperInit): Promise<Keeper> {
  const { config, identity, payee, node, certificate, log, now } = init;
  const { file, neighbours, askSeconds } = config.directory;
  const stopping = new AbortController();
  const before = await loaded(file, log);
  const directory = new Directory({
    epoch: before?.mark.epoch ?? epoch.decode(randomBytes(16)),
    limit: MAX_RELAYS,
    ...(init.isVouched && { isVouched: init.isVouched }),
    ...(before && { before: { version: before.mark.version, entries: before.entries } }),
  });
  // Those that are over were somewhere, and may be there still.
  const oldPlaces = (before?.entries ?? []).slice(-MAX_OLD_PLACES).flatMap(({ descriptor }) => placesOf(descriptor));
  directory.prune(now());

  const keys: DescriptorKeys = {
    isOfPeer: async (peer, message, signature) => publicKeyOf(peer).verify(message, signature),
    isOfPayee: (descriptor, bytes, signature) => isOfPayee(payee.network, descriptor, bytes, signature),
  };
  const leastMs = LEAST_BETWEEN * askSeconds * 1000;
  const own = new OwnDescriptor({ identity, payee, leastMs, draw: Math.random });
  const described: Described = {
    ...{ config, ports: init.ports, peer: identity.label, payee: payee.address },
    chainId: payee.network.chainId,
  };
  const entries = new Set((config.exit?.entries ?? []).map((address) => peerOfAddress(address).toString()));
  const facts = () =>
    describeRelay(described, {
      entries: node
        .getPeers()
        .filter((peer) => entries.has(peer.toString()))
        .map(peerLabel),
      fingerprints: certificate === undefined ? [] : [fingerprintOf(certificate)],
    });

  const onOwn = ({ descriptor }: OpenedDescriptor): void => {
    // After a restart others have what this relay said before.
    if (!saysTheSame(descriptor, facts())) log.error({ event: 'directory-key-twice' });
    own.surpass(descriptor.sequence);
    beat.soon();
  };
  const intake = createIntake({
    ...{ directory, keys, onOwn },
    now,
    chainId: payee.network.chainId,
    isOwn: (peer) => peer === identity.label,
    signal: stopping.signal,
  });
  // An exit has its entries to ask; whoever it visited would take it for an exit of theirs, and pay it.
  const isVisitor = config.exit === undefined;
  const gossip = createGossip({
    ...{ node, intake, log },
    mayDial: init.mayDial,
    neighbours: isVisitor ? neighbours.map(placeOf) : [],
    drawPlace: () => (isVisitor ? drawPlace(directory, oldPlaces, identity.label) : undefined),
    restMs: (askSeconds * 1000) / 2,
    now,
    draw: Math.random,
    signal: stopping.signal,
  });

  let savedVersion = directory.mark.version;
  let savedAt = now();
  const save = async (): Promise<void> => {
    if (directory.mark.version === savedVersion) return;
    const { version } = directory.mark;
    try {
      await writeDirectoryFile(file, directory);
      savedVersion = version;
    } catch (error) {
      log.warn({ event: 'directory-not-kept', reason: (error as NodeJS.ErrnoException).code });
    }
    savedAt = now();
  };

  const speak = async (): Promise<void> => {
    const opened = await own.renew(facts(), now());
    if (opened === undefined) return;
    directory.consider(opened);
    logEvent(log, 'directory-said', {
      roles: (['entry', 'exit', 'zone'] as const).filter((role) => opened.descriptor[role] !== undefined),
      entries: opened.descriptor.exit?.entries.length,
    });
  };
  const round = async (): Promise<boolean> => {
    try {
      directory.prune(now());
      await speak();
      const { size } = directory;
      await gossip.round();
      if (directory.size !== size) logEvent(log, 'directory-knows', { relays: directory.size });
      if (now() - savedAt >= SAVE_MS) await save();
    } catch (error) {
      if (!stopping.signal.aborted) log.error({ event: 'relay-fault', reason: String(error) });
    }
    return own.heldBack;
  };
  const beat = createBeat(round, { busyMs: leastMs, idleMs: 1000 * askSeconds });
  await serveDirectory({ node, directory, log, now, onAsked: (connection) => gossip.asked(connection) });
  const linkChanged = ({ detail: { remotePeer } }: CustomEvent<{ remotePeer: PeerId }>): void => {
    if (entries.has(remotePeer.toString())) beat.soon();
  };
  node.addEventListener('connection:open', linkChanged);
  node.addEventListener('connection:close', linkChanged);
  return {
    directory,
    close: async () => {
      stopping.abort();
      await beat.stop();
      await save();
    },
  };
}

/** What cannot be read is not in the way of a start: others have it. */
async function loaded(path: string, log: Logger): Promise<Stored | undefined> {
  try {
    return await readDirectoryFile(path);
  } catch (error) {
    log.warn({ event: 'directory-not-read', reason: error instanceof Error ? error.message : 'unknown' });
    return undefined;
  }
}

function publicKeyOf(peer: PeerLabel): Ed25519PublicKey {
  // A descriptor's peer is an Ed25519 key, or it was not read.
  return peerIdFromString(peer).publicKey as Ed25519PublicKey;
}

function placeOf(address: string): Place {
  return { peer: peerOfAddress(address), address };
}

function placesOf(descriptor: RelayDescriptor): Place[] {
  // A stranger may name a machine of this relay's own network.
  if (!isReachableRelay(descriptor)) return [];
  const { peer, entry } = descriptor;
  const id = peerIdFromString(peer);
  return (entry?.addresses ?? []).map((address) => ({
    peer: id,
    address: `/${address.includes(':') ? 'ip6' : 'ip4'}/${address}/tcp/${entry?.libp2pPort ?? 0}/p2p/${id.toString()}`,
  }));
}

/** Of those that are known now, or else of those that were before. */
function drawPlace(directory: Directory, before: readonly Place[], self: PeerLabel): Place | undefined {
  const now = directory.descriptors().filter(({ peer, entry }) => entry !== undefined && peer !== self);
  const drawn = now[Math.floor(Math.random() * now.length)];
  const places = drawn === undefined ? before.filter(({ peer }) => peerLabel(peer) !== self) : placesOf(drawn);
  return places[Math.floor(Math.random() * places.length)];
}

function fingerprintOf(certificate: CertificateSource): Hex {
  const { fingerprint256 } = new X509Certificate(certificate.current().chain);
  return `0x${fingerprint256
    .replaceAll(':', '')
    .toLowerCase()
    .slice(0, 2 * FINGERPRINT_BYTES)}`;
}

// The relays that are fuzzed, each a process of the daemon: an entry and an exit whose clients are watched meanwhile, a relay that is paid and serves a zone, an exit that is paid, and the devnet's chain behind them.

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { formatCircuitName } from '../../src/core/tunnel/circuit-name.ts';
import { parseHostPort } from '../../relay/config/parts.ts';
import { startPatternOrigin } from '../soak/origin.ts';
import { sample, type Sample } from '../soak/samples.ts';
import type { Circuit } from '../soak/tunnel.ts';
import { circuitName } from '../support/relay-client.ts';
import { libp2pAddress, tunnelsPort, ZONE, type RelayProcess } from '../support/relay-process.ts';
import { createTransitBench } from '../support/transit-bench.ts';
import type { FuzzTarget, Place } from './target.ts';

export type FuzzScene = {
  circuit: Circuit;
  target: FuzzTarget;
  /** By what they are. */
  relays: Readonly<Record<string, RelayProcess>>;
  /** Of each relay. Rejects where one has ended. */
  look(since: number): Promise<Sample[]>;
  close(): Promise<void>;
};

const OPERATIONS = { operations: { listen: '127.0.0.1:0' } };
const ORIGIN = '127.0.2.46';
const HOST = '127.0.1.31';
const DOMAIN = 'fuzz.test';
const REGISTRATION = `registration.${DOMAIN}`;
/** So that rounds of the directory go on beside the fuzzing. */
const ASK_SECONDS = 5;

/** @param strangerEntry an entry of the fuzzer's, which both exits are told to dial */
export async function openFuzzScene(strangerEntry: Promise<string>): Promise<FuzzScene> {
  const bench = await createTransitBench();
  const origin = await startPatternOrigin({ address: ORIGIN });
  const closing = async (): Promise<void> => {
    await bench.close();
    await origin.stop();
  };
  try {
    for (const name of ['entry', 'paid-entry', 'paid-exit']) await bench.makeKey(name);
    const zone = await zoneSection(bench);
    const [entry, paidEntry] = await Promise.all([
      bench.startEntry({
        ...{ ...OPERATIONS, contact: { abuse: 'abuse@example.org', listen: `${HOST}:0` } },
        public: { addresses: [HOST], zone: ZONE },
        directory: { file: 'directory', payee: { network: 'devnet', key: 'entry.pay' }, askSeconds: ASK_SECONDS },
      }),
      bench.startEntry({ ...OPERATIONS, ...bench.payments('paid-entry'), ...zone }),
    ]);
    const { dns } = zoneOf(paidEntry);
    const stranger = await strangerEntry;
    // Whatever a changed request asks for: from loopback no packet leaves this machine, and its names are asked of the zone here.
    const here = { source: '127.0.0.1', resolvers: [`${dns.host}:${dns.port}`] };
    const sites = { destinations: { allow: ['127.0.2.0/24'] } };
    const payments = bench.payments('paid-exit', { freeMiBPerDay: 0 });
    const [exit, paidExit] = await Promise.all([
      bench.startExit([libp2pAddress(entry), stranger], { ...sites, ...here }, OPERATIONS),
      bench.startExit([stranger], here, { ...OPERATIONS, ...payments }),
    ]);
    await entry.event('entry-exit-connected');
    for (const each of [exit, paidExit]) await each.event('exit-entry-connected');
    const relays = { entry, exit, 'paid entry': paidEntry, 'paid exit': paidExit };
    const { certificate: ca } = bench.ca;
    return {
      circuit: { entry, exit, ca },
      relays,
      target: await targetOf({ entry, exit, paidEntry, folder: bench.folder, ca, authority: origin.authority }),
      look: (since) => Promise.all(Object.entries(relays).map(([name, relay]) => sample(name, relay, since))),
      close: closing,
    };
  } catch (error) {
    await closing();
    throw error;
  }
}

async function zoneSection({ ca, folder }: Awaited<ReturnType<typeof createTransitBench>>): Promise<object> {
  const { key, chain } = await ca.issue({ names: [REGISTRATION] });
  writeFileSync(join(folder, 'registration.key'), key, { mode: 0o600 });
  writeFileSync(join(folder, 'registration.pem'), chain);
  return {
    zone: {
      ...{ domain: DOMAIN, nameServers: [`ns1.${DOMAIN}`], mailbox: `hostmaster@${DOMAIN}`, hosts: { ns1: [HOST] } },
      ...{ dns: [`${HOST}:0`], allow: ['127.0.0.0/8'] },
      registration: {
        name: REGISTRATION,
        listen: `${HOST}:0`,
        certificate: { files: { key: 'registration.key', chain: 'registration.pem' } },
      },
    },
  };
}

function zoneOf(relay: RelayProcess): { dns: Place; registration: Place } {
  const ready = relay.lines.find(({ event }) => event === 'relay-ready');
  const [dns] = ready?.['dns'] as string[];
  return { dns: parseHostPort(dns!)!, registration: parseHostPort(ready?.['registration'] as string)! };
}

async function listens(relay: RelayProcess, event: string): Promise<Place> {
  return parseHostPort((await relay.event(event))['listens'] as string)!;
}

type Parts = {
  entry: RelayProcess;
  exit: RelayProcess;
  paidEntry: RelayProcess;
  folder: string;
  ca: string;
  authority: string;
};

async function targetOf({ entry, exit, paidEntry, folder, ca, authority }: Parts): Promise<FuzzTarget> {
  const address = libp2pAddress(entry);
  const [, host = '', port] = /\/ip4\/([^/]+)\/tcp\/(\d+)/.exec(address) ?? [];
  const { identity } = paidEntry;
  const web = `/dns4/${circuitName(paidEntry)}/tcp/${tunnelsPort(paidEntry).port}/tls/ws/p2p/${identity.peerId.toString()}`;
  return {
    entry: {
      ...{ tunnels: tunnelsPort(entry), libp2p: { host, port: Number(port) }, address, ownName: circuitName(entry) },
      operations: await listens(entry, 'operations-ready'),
      contact: await listens(entry, 'contact-ready'),
      status: join(folder, `${entry.name}.key.sock`),
    },
    exit: {
      name: circuitName(exit),
      at: formatCircuitName({ address: HOST, peer: exit.identity.label, zone: 'at.circuit.conet.internal' }),
      operations: await listens(exit, 'operations-ready'),
    },
    paid: {
      ...{ address: libp2pAddress(paidEntry), webAddress: web, ...zoneOf(paidEntry) },
      operations: await listens(paidEntry, 'operations-ready'),
    },
    zone: { domain: DOMAIN, registrationName: REGISTRATION },
    ...{ authority, ca },
  };
}

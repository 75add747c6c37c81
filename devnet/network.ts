// Composes the whole devnet: authority, name server, sites, relays. The one place where its parts are built; devnet/main.ts,
// devnet/start.ts and the tests call it. It never touches the machine's resolver, trust store or any address but loopback.

import { mkdir, mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { possibleCircuits, type Circuit } from '../src/core/circuit/choose-circuit.ts';
import type { RelayRecord } from '../src/core/directory/relay-record.ts';
import { createCertificateAuthority } from './ca.ts';
import { startChain, type Chain } from './chain/chain.ts';
import { GATES, startGates } from './chain/gates.ts';
import { DevnetError, systemCode } from './errors.ts';
import { createLifeline, type Lifeline } from './lifeline.ts';
import { CHAIN_ADDRESS, DNS_ADDRESS, portsFrom, RELAYS, SITE_RANGE, SITES, ZONES, type Ports } from './plan.ts';
import { ready, restartRelay, startRelays, toRecords, type Relay } from './relays.ts';
import type { RelayProcess } from './relay-process.ts';
import { startSites, type Sites } from './sites/server.ts';
import { DOH_PATH } from './zone-doh.ts';
import { startNameServer, type NameServer } from './zone-dns.ts';

export type NetworkInit = {
  portBase: number;
  /** Where logs are kept; made if missing. Left out: in the throw-away folder. */
  logs?: string;
  /** Starts the devnet's chain, and relays that are paid on it. Left out: none, and everybody is served for nothing. */
  payments?: boolean;
  /** What a client pays for at a time. Left out: little enough that a page of the demo shows vouchers. */
  incrementMiB?: number;
  /** How often its relays look at the chain while nothing is under way; a second where it is left out. */
  watchSeconds?: number;
  /** With servers of the two zones, a registry that entries are in, and relays that ask each other all the time: clients learn of relays. Left out: they know those that they are told of. */
  discovery?: boolean;
  /** A program in the place of every entry's daemon: a test's own. */
  entryProgram?: string;
  /** The same for exits. */
  exitProgram?: string;
  /** Payers behind one address; three unless more are wanted. */
  payers?: number;
  /** Called when a relay, or the chain, ends that nobody stopped. */
  onDeath?: (reason: string) => void;
};

export type Network = {
  ports: Ports;
  /** Throw-away: gone when the network is. */
  folder: string;
  logs: string;
  caFile: string;
  caPem: string;
  dohUrl: string;
  names: NameServer;
  /** Names that the name server answers another address for than the right one. */
  astray: Map<string, string>;
  sites: Sites;
  /** With payments alone: the chain, its faucet (`mint`, `addGas`) and its clock. */
  chain: Chain | undefined;
  /** The chain's servers, as clients are told of them. */
  rpcs: readonly string[];
  /** The addresses from which those were asked, one for each question. */
  chainAskedFrom: readonly string[];
  /** A restarted relay takes the place of the one before. */
  relays: Relay[];
  records: RelayRecord[];
  circuits: Circuit[];
  lifeline: Lifeline;
  /** `https://news.demo.test:8443` */
  origin(site: keyof typeof SITES): string;
  /** Starts a stopped or killed relay again, and waits until every circuit through it can be had. */
  restart(name: string): Promise<void>;
  close: () => Promise<void>;
};

export async function startNetwork({ portBase, onDeath = () => undefined, ...init }: NetworkInit): Promise<Network> {
  const ports = portsFrom(portBase, init.payers);
  const lifeline = createLifeline();
  const folder = await mkdtemp(join(tmpdir(), 'conet-devnet-'));
  lifeline.holdFolder(folder);
  const logs = init.logs ?? join(folder, 'logs');
  await mkdir(logs, { recursive: true });
  const origin = (site: keyof typeof SITES): string => `https://${SITES[site].host}:${ports.https}`;
  const closers: (() => Promise<void>)[] = [];
  const close = async (): Promise<void> => {
    await Promise.all(closers.map((each) => each()));
    await lifeline.close();
  };
  try {
    const authority = await createCertificateAuthority();
    const caFile = join(folder, 'ca.pem');
    await writeFile(caFile, authority.certificate);
    const astray = new Map<string, string>();
    const names = await startNameServer({
      data: {
        others: astray,
        zones: Object.values(ZONES).map(({ name }) => name),
        sites: {
          domain: 'demo.test',
          hosts: new Map([...Object.values(SITES), ...GATES].map(({ host, address }) => [host, address])),
        },
      },
      address: DNS_ADDRESS,
      port: ports.dns,
      doh: { port: ports.doh, leaf: await authority.issue([{ type: 'ip', value: DNS_ADDRESS }]) },
    });
    closers.push(names.close);
    const sites = await startSites({
      sites: Object.values(SITES),
      ports,
      mediaOrigin: origin('media'),
      // One certificate for each host: with a shared one a browser may use one connection for several of them.
      leafOf: ({ host }) => authority.issue([{ type: 'dns', value: host }]),
    });
    closers.push(sites.close);
    const chain = init.payments === true ? await startNetworkChain({ ports, folder, lifeline, onDeath }) : undefined;
    let rpcs: string[] = [];
    let chainAskedFrom: readonly string[] = [];
    if (chain !== undefined) {
      closers.push(chain.close);
      const gates = await startGates({
        url: chain.url,
        port: ports.https,
        leafOf: ({ host }) => authority.issue([{ type: 'dns', value: host }]),
        fund: (account) => chain.mint(account, FAUCET_AMOUNT),
      });
      closers.push(gates.close);
      ({ urls: rpcs, askedFrom: chainAskedFrom } = gates);
    }
    const relayInit = {
      chain,
      incrementMiB: init.incrementMiB,
      watchSeconds: init.watchSeconds,
      entryProgram: init.entryProgram,
      exitProgram: init.exitProgram,
      discovery: init.discovery,
      plan: {
        relays: RELAYS.filter(({ role }) => role !== 'zone' || init.discovery === true),
        resolver: `${DNS_ADDRESS}:${ports.dns}`,
        siteRanges: [SITE_RANGE],
      },
      folder,
      logs,
      ports,
      authority,
      onDeath,
      onStart: (started: RelayProcess) => {
        lifeline.holdPid(started.pid);
        closers.push(async () => {
          await started.stop();
          lifeline.dropPid(started.pid);
        });
      },
    };
    const relays = await startRelays(relayInit);
    const records = toRecords(relays, ports);
    return {
      ports,
      folder,
      logs,
      caFile,
      caPem: authority.certificate,
      dohUrl: `https://${DNS_ADDRESS}:${ports.doh}${DOH_PATH}`,
      names,
      astray,
      sites,
      chain,
      rpcs,
      chainAskedFrom,
      relays,
      records,
      circuits: possibleCircuits(records),
      lifeline,
      origin,
      restart: async (name) => {
        const index = relays.findIndex((relay) => relay.name === name);
        const relay = relays[index];
        if (!relay) throw new Error(`no relay is called ${name}`);
        const again = restartRelay(relay, relayInit);
        relays[index] = again;
        await ready(again, relays);
      },
      close,
    };
  } catch (error) {
    await close();
    throw explain(error, portBase);
  }
}

/** What the faucet gives: 5 USDC of play money. */
export const FAUCET_AMOUNT = 5_000_000n;

/** A block each second beside those of transactions, so that deposits become safe while nothing else happens. */
const BLOCK_TIME_S = 1;

async function startNetworkChain({ ports, folder, ...init }: ChainPlace): Promise<Chain> {
  const own = join(folder, 'chain');
  await mkdir(own, { recursive: true });
  return startChain({ ...init, folder: own, host: CHAIN_ADDRESS, port: ports.chain, blockTimeS: BLOCK_TIME_S });
}

type ChainPlace = { ports: Ports; folder: string; lifeline: Lifeline; onDeath: (reason: string) => void };

function explain(error: unknown, portBase: number): unknown {
  // Programs of their own say it in words.
  const ofProgram =
    error instanceof DevnetError && /^(chain|relay)-died$/.test(error.code) && /in use/i.test(error.message);
  if (systemCode(error) !== 'EADDRINUSE' && !ofProgram) return error;
  const where = error instanceof Error ? error.message.replace(/^.*EADDRINUSE:? ?/, '') : '';
  return new DevnetError(
    'port-in-use',
    `A port of the devnet is in use (${where}). Is another one running? Choose other ports with --port-base ${portBase + 2000}.`,
    { cause: error },
  );
}

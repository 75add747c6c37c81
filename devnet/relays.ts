// The devnet's relays: keys, certificates and configs in the throw-away folder, then one daemon each, ready when every exit
// is connected to every entry.

import { mkdir, writeFile } from 'node:fs/promises';
import { join as joinPath } from 'node:path';
import { stringify } from 'yaml';
import type { RelayRecord } from '../src/core/directory/relay-record.ts';
import { writeLeaf, type CertificateAuthority } from './ca.ts';
import type { Ports, RelayPlan, RelaysPlan } from './plan.ts';
import { join } from '../relay/cli/join.ts';
import { loadConfig } from '../relay/config/load.ts';
import { createPaymentKey } from '../relay/payment-key.ts';
import { DevnetError } from './errors.ts';
import { createIdentity, type Identity } from './relay-identity.ts';
import { startRelayProcess, type RelayProcess } from './relay-process.ts';

export type Relay = RelayPlan &
  Identity & {
    config: string;
    /** Who stands behind it in the directory. */
    payee: `0x${string}`;
    /** What it is paid to, which is the same; undefined without payments. */
    receiver: `0x${string}` | undefined;
    process: RelayProcess;
  };

const PAYMENT_KEY = 'payment.key';

export type RelaysInit = {
  plan: RelaysPlan;
  folder: string;
  logs: string;
  ports: Pick<Ports, 'tunnels' | 'libp2p' | 'dns' | 'registration'> & Partial<Pick<Ports, 'lease'>>;
  /** Left out: relays that are paid by nobody. */
  chain?: RelaysChain | undefined;
  incrementMiB?: number | undefined;
  /** How often its relays look at the chain while nothing is under way, seconds. */
  watchSeconds?: number | undefined;
  /**
   * Relays ask each other every two seconds, and entries are in the chain's registry; with the servers of the zones it takes in `plan`, clients learn of all. Left out: what is said comes round, in its own
   * time.
   */
  discovery?: boolean | undefined;
  authority: CertificateAuthority;
  /** A program in the place of every exit's daemon. */
  exitProgram?: string | undefined;
  /** The same for entries. */
  entryProgram?: string | undefined;
  onDeath: (reason: string) => void;
  /** Called for each process as soon as it runs, so that it is ended whatever happens next. */
  onStart: (relay: RelayProcess) => void;
};

/** What relays are paid on. */
export type RelaysChain = {
  url: string;
  /** Gas money for a relay's payment key, in wei. */
  addGas(to: `0x${string}`, wei: bigint): Promise<void>;
  /** Play money, in base units: an entry pays its exits. */
  mint(to: `0x${string}`, amount: bigint): Promise<void>;
};

/** The relay's own defaults (relay/config). */
const PRICES = { entryPerMiB: 32, exitPerMiB: 73 };
const CAPACITY_MIB = 100;
/** Several browsers, or a whole bench, where an entry expects a household. */
const ONE_ADDRESS_PER_SECOND = 5000;
/** A relay that comes is known to all in some seconds. */
const ASK_SECONDS = 2;
const NETWORK = 'devnet';
/** Enough for 10,000 claims at anvil's price. */
const GAS_WEI = 10n ** 18n;
/** A quarter of the relay's own default: a page of the demo shows vouchers counting. */
const INCREMENT_MIB = 16;
/** A hundred dollars of play money: a hundred deposits of the usual size. */
const ENTRY_USDC = 100_000_000n;

export async function startRelays(init: RelaysInit): Promise<Relay[]> {
  const prepared = await Promise.all(init.plan.relays.map((plan) => prepare(plan, init)));
  for (const each of prepared) await writeConfig(each, prepared, init);
  if (init.chain !== undefined && init.discovery === true)
    await Promise.all(prepared.filter(({ role }) => role === 'entry').map(register));
  const relays: Relay[] = [];
  for (const each of prepared) {
    relays.push({ ...each, process: start(each, init) });
  }
  await Promise.all(relays.map((relay) => relay.process.waitFor('relay-ready')));
  await Promise.all(relays.map((relay) => linked(relay, relays)));
  return relays;
}

/** In the registry, as its operator does it before the first start: where browsers begin that know no relay. */
async function register({ name, config }: Prepared): Promise<void> {
  const { done, missing } = await join(await loadConfig(config), { step: 'register', yes: true });
  if (!done) throw new DevnetError('relay-died', `${name} could not be registered: ${missing.join('; ')}`);
}

/** Starts a relay again that was stopped, with the key, certificate and config it had. Not yet ready: `ready`. */
export function restartRelay(
  relay: Relay,
  init: Pick<RelaysInit, 'logs' | 'exitProgram' | 'entryProgram' | 'onDeath' | 'onStart'>,
): Relay {
  return { ...relay, process: start(relay, init) };
}

/** A restarted relay can be used again, in every circuit with those of `relays` that run. */
export async function ready(relay: Relay, relays: readonly Relay[]): Promise<void> {
  await relay.process.waitFor('relay-ready');
  await linked(
    relay,
    relays.filter(({ process }) => process.running()),
  );
}

/** What clients are told of the relays: the extension's relays.json. */
export function toRecords(
  relays: readonly (RelayPlan & Identity & Pick<Relay, 'payee'>)[],
  ports: Pick<Ports, 'tunnels'>,
): RelayRecord[] {
  const entries = relays.filter(({ role }) => role === 'entry').map(({ label }) => label);
  return relays.flatMap(({ role, label, operator, region, address, zone, payee }): RelayRecord[] => {
    const common = { peer: label, operator, region, payee, capacity: CAPACITY_MIB * 1_048_576 };
    const addresses = [address];
    switch (role) {
      case 'entry':
        return [
          { ...common, entry: { addresses, port: ports.tunnels, zone: zone.name, pricePerMib: PRICES.entryPerMiB } },
        ];
      case 'exit':
        return [{ ...common, exit: { addresses, zone, entries, pricePerMib: PRICES.exitPerMiB } }];
      case 'zone':
        return [];
    }
  });
}

type Prepared = Omit<Relay, 'process'> & { tls: { chain: string; key: string } };

async function prepare(plan: RelayPlan, { folder, authority, chain }: RelaysInit): Promise<Prepared> {
  const own = joinPath(folder, plan.name);
  await mkdir(own, { recursive: true, mode: 0o700 });
  const identity = await createIdentity(joinPath(own, 'relay.key'));
  const name = plan.role === 'zone' ? registrationName(plan) : `*.${identity.label}.${plan.zone.name}`;
  const leaf = await authority.issue([{ type: 'dns', value: name }]);
  const { address: payee } = await createPaymentKey(joinPath(own, PAYMENT_KEY));
  const receiver = chain && payee;
  if (receiver !== undefined) await chain?.addGas(receiver, GAS_WEI);
  if (receiver !== undefined && plan.role === 'entry') await chain?.mint(receiver, ENTRY_USDC);
  const tls = await writeLeaf(joinPath(own, 'tls'), leaf);
  return { ...plan, ...identity, payee, receiver, config: joinPath(own, 'relay.yaml'), tls };
}

/** Where relays register for certificates. */
function registrationName({ zone }: Pick<RelayPlan, 'zone'>): string {
  return `registration.${zone.name}`;
}

/** Writes the config in the form that docs/relay-config.example.yaml documents. */
async function writeConfig(relay: Prepared, all: readonly Prepared[], init: RelaysInit): Promise<void> {
  const { ports, chain, incrementMiB = INCREMENT_MIB, watchSeconds } = init;
  const leasePorts = relay.role === 'entry' ? { leasePorts: ports.lease ?? [] } : {};
  const isPaid = chain !== undefined && relay.role !== 'zone';
  const payments = isPaid && {
    payments: {
      network: NETWORK,
      rpc: [chain.url],
      key: `./${PAYMENT_KEY}`,
      incrementMiB,
      watchSeconds,
      ...leasePorts,
    },
  };
  const entries = all
    .filter(({ role }) => role === 'entry')
    .map(({ address, peerId }) => `/ip4/${address}/tcp/${ports.libp2p}/p2p/${peerId}`);
  const zoneRelay = all.find(({ role, zone }) => role === 'zone' && zone.name === relay.zone.name)?.label;
  const { operator, region, address, zone } = relay;
  const directory = {
    neighbours: entries.filter((entry) => !entry.endsWith(relay.peerId)),
    ...{ capacityMiB: CAPACITY_MIB, askSeconds: init.discovery === true ? ASK_SECONDS : undefined },
    ...(isPaid ? {} : { payee: { network: NETWORK, key: `./${PAYMENT_KEY}` } }),
  };
  await writeFile(
    relay.config,
    stringify({
      ...{ identity: './relay.key', operator, region, log: { level: 'info' } },
      // All clients of a devnet have one address.
      limits: { newPerSecond: { source: ONE_ADDRESS_PER_SECOND, prefix: ONE_ADDRESS_PER_SECOND } },
      public: { addresses: [address], zone: zone.name, ...(zoneRelay && { zoneRelay }) },
      // An exit of a zone that nobody stands for is in nobody's directory.
      ...(relay.role === 'exit' && zoneRelay === undefined ? {} : { directory }),
      ...payments,
      ...roleOf(relay, entries, init),
    }),
  );
}

function roleOf({ role, address, zone }: Prepared, entries: readonly string[], { ports, plan }: RelaysInit): object {
  const files = { key: './tls/key.pem', chain: './tls/chain.pem' };
  switch (role) {
    case 'entry': {
      const [tunnels, libp2p] = [`${address}:${ports.tunnels}`, `${address}:${ports.libp2p}`];
      return { entry: { tunnels, libp2p, certificate: { files } } };
    }
    case 'exit': {
      const destinations = { allow: plan.siteRanges, denyPorts: [25, 465, 587] };
      return { exit: { entries, certificate: { files }, source: address, resolvers: [plan.resolver], destinations } };
    }
    case 'zone':
      return {
        zone: {
          ...{ domain: zone.name, nameServers: [`ns1.${zone.name}`], mailbox: `hostmaster@${zone.name}` },
          hosts: { ns1: [address], registration: [address] },
          dns: [`${address}:${ports.dns}`],
          registration: {
            name: registrationName({ zone }),
            listen: `${address}:${ports.registration}`,
            certificate: { files },
          },
          allow: ['127.0.0.0/8'],
        },
      };
  }
}

function start(
  relay: { name: string; role: RelayPlan['role']; config: string },
  {
    logs,
    exitProgram,
    entryProgram,
    onDeath,
    onStart,
  }: Pick<RelaysInit, 'logs' | 'exitProgram' | 'entryProgram' | 'onDeath' | 'onStart'>,
): RelayProcess {
  const { name, role, config } = relay;
  const program = { exit: exitProgram, entry: entryProgram, zone: undefined }[role];
  const own = program === undefined ? {} : { program };
  const process = startRelayProcess({ name, config, logFile: joinPath(logs, `${name}.log`), onDeath, ...own });
  onStart(process);
  return process;
}

/** The relay says that it is connected with every one of the other role: only then may a browser be told of their circuits. */
async function linked(relay: Relay, relays: readonly Relay[]): Promise<void> {
  if (relay.role === 'zone') return;
  const event = relay.role === 'exit' ? 'exit-entry-connected' : 'entry-exit-connected';
  const others = relays.filter(({ role }) => role === (relay.role === 'exit' ? 'entry' : 'exit'));
  await Promise.all(others.map((other) => relay.process.waitFor(event, (line) => mentions(line, other))));
  if (relay.receiver === undefined) return;
  // An exit that is paid serves nobody before it is.
  const entries = relay.role === 'entry' ? [relay] : others;
  const exits = relay.role === 'entry' ? others : [relay];
  await Promise.all(
    entries.flatMap((entry) =>
      exits.map((exit) => entry.process.waitFor('transit-open', (line) => mentions(line, exit))),
    ),
  );
}

function mentions(line: Record<string, unknown>, { label, peerId }: Identity): boolean {
  return Object.values(line).some((value) => value === label || value === peerId);
}

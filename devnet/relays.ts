// The devnet's relays: keys, certificates and configs in the throw-away folder, then one daemon each, ready when every exit
// is connected to every entry.

import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { stringify } from 'yaml';
import type { RelayRecord } from '../src/core/directory/relay-record.ts';
import { writeLeaf, type CertificateAuthority } from './ca.ts';
import type { Ports, RelayPlan, RelaysPlan } from './plan.ts';
import { createIdentity, type Identity } from './relay-identity.ts';
import { startRelayProcess, type RelayProcess } from './relay-process.ts';

export type Relay = RelayPlan & Identity & { config: string; process: RelayProcess };

export type RelaysInit = {
  plan: RelaysPlan;
  folder: string;
  logs: string;
  ports: Pick<Ports, 'tunnels' | 'libp2p'>;
  authority: CertificateAuthority;
  /** A program in the place of every exit's daemon. */
  exitProgram?: string | undefined;
  onDeath: (reason: string) => void;
  /** Called for each process as soon as it runs, so that it is ended whatever happens next. */
  onStart: (relay: RelayProcess) => void;
};

export async function startRelays(init: RelaysInit): Promise<Relay[]> {
  const prepared = await Promise.all(init.plan.relays.map((plan) => prepare(plan, init)));
  const entries = prepared.filter(({ role }) => role === 'entry');
  const relays: Relay[] = [];
  for (const each of prepared) {
    await writeConfig(each, entries, init);
    relays.push({ ...each, process: start(each, init) });
  }
  await Promise.all(relays.map((relay) => relay.process.waitFor('relay-ready')));
  await Promise.all(
    relays.filter(({ role }) => role === 'exit').flatMap((exit) => entries.map((entry) => connected(exit, entry))),
  );
  await Promise.all(
    relays
      .filter(({ role }) => role === 'entry')
      .flatMap((entry) => relays.filter(({ role }) => role === 'exit').map((exit) => sees(entry, exit))),
  );
  return relays;
}

/** Starts a relay again that was stopped, with the key, certificate and config it had. */
export function restartRelay(
  relay: Relay,
  init: Pick<RelaysInit, 'logs' | 'exitProgram' | 'onDeath' | 'onStart'>,
): Relay {
  return { ...relay, process: start(relay, init) };
}

/** What clients are told of the relays: the extension's relays.json. */
export function toRecords(relays: readonly (RelayPlan & Identity)[], ports: Pick<Ports, 'tunnels'>): RelayRecord[] {
  const entries = relays.filter(({ role }) => role === 'entry').map(({ label }) => label);
  return relays.map(({ role, label, operator, region, address, zone }): RelayRecord => {
    const common = { peer: label, operator, region };
    return role === 'entry'
      ? { ...common, entry: { address, port: ports.tunnels, zone } }
      : { ...common, exit: { zone, entries } };
  });
}

type Prepared = RelayPlan & Identity & { config: string; tls: { chain: string; key: string } };

async function prepare(plan: RelayPlan, { folder, authority }: RelaysInit): Promise<Prepared> {
  const own = join(folder, plan.name);
  await mkdir(own, { recursive: true, mode: 0o700 });
  const identity = await createIdentity(join(own, 'relay.key'));
  const leaf = await authority.issue([{ type: 'dns', value: `*.${identity.label}.${plan.zone.name}` }]);
  return { ...plan, ...identity, config: join(own, 'relay.yaml'), tls: await writeLeaf(join(own, 'tls'), leaf) };
}

/** Writes the config in the form that docs/relay-config.example.yaml documents. */
async function writeConfig(relay: Prepared, entries: readonly Prepared[], { ports, plan }: RelaysInit): Promise<void> {
  const certificate = { files: { key: './tls/key.pem', chain: './tls/chain.pem' } };
  const role =
    relay.role === 'entry'
      ? {
          entry: {
            tunnels: `${relay.address}:${ports.tunnels}`,
            libp2p: `${relay.address}:${ports.libp2p}`,
            certificate,
          },
        }
      : {
          exit: {
            entries: entries.map(({ address, peerId }) => `/ip4/${address}/tcp/${ports.libp2p}/p2p/${peerId}`),
            certificate,
            source: relay.address,
            resolvers: [plan.resolver],
            destinations: { allow: plan.siteRanges, denyPorts: [25, 465, 587] },
          },
        };
  const { operator, region } = relay;
  await writeFile(
    relay.config,
    stringify({ identity: './relay.key', operator, region, log: { level: 'info' }, ...role }),
  );
}

function start(
  relay: { name: string; role: RelayPlan['role']; config: string },
  { logs, exitProgram, onDeath, onStart }: Pick<RelaysInit, 'logs' | 'exitProgram' | 'onDeath' | 'onStart'>,
): RelayProcess {
  const { name, role, config } = relay;
  const program = role === 'exit' && exitProgram !== undefined ? { program: exitProgram } : {};
  const process = startRelayProcess({ name, config, logFile: join(logs, `${name}.log`), onDeath, ...program });
  onStart(process);
  return process;
}

/** The exit says that it reached the entry. */
function connected(exit: Relay, entry: Identity): Promise<unknown> {
  return exit.process.waitFor('exit-entry-connected', (line) => mentions(line, entry));
}

/** The entry says that it would take tunnels for the exit: only then may a browser be told of the circuit. */
function sees(entry: Relay, exit: Identity): Promise<unknown> {
  return entry.process.waitFor('entry-exit-connected', (line) => mentions(line, exit));
}

function mentions(line: Record<string, unknown>, { label, peerId }: Identity): boolean {
  return Object.values(line).some((value) => value === label || value === peerId);
}

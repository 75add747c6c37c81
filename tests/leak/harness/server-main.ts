// The servers' side: name server, relays, sites, STUN, the extension's update server. A process of its own in the servers' namespace;
// the harness calls it by messages (server-calls.ts). Nothing in it knows the tests.

import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { once } from 'node:events';
import { join } from 'node:path';
import { createCertificateAuthority, writeLeaf } from '../../../devnet/ca.ts';
import { messageOf } from '../../../devnet/errors.ts';
import {
  addressOf,
  DNS_PORT,
  PORTS,
  RELAYS,
  RESOLVER,
  SITE_BLOCKS,
  SITES_DOMAIN,
  STUN_PORT,
  UPDATE_ADDRESS,
  UPDATE_HOST,
  UPDATE_PORT,
  ZONE_NAMES,
} from '../../../devnet/laboratory/plan.ts';
import { createLifeline } from '../../../devnet/lifeline.ts';
import { restartRelay, startRelays, toRecords, type Relay } from '../../../devnet/relays.ts';
import type { RelayProcess } from '../../../devnet/relay-process.ts';
import { startNameServer } from '../../../devnet/zone-dns.ts';
import { startGarbage } from './garbage.ts';
import { startOrigins } from './origin.ts';
import type { Reply, Request, ServerCalls } from './server-calls.ts';
import { startDatagramServers } from './stun.ts';

const QUIC_PORT = 443;

const [, , folder, exitProgram = ''] = process.argv;
if (folder === undefined || process.send === undefined) throw new Error('started by the harness only');
const send = process.send.bind(process);

const lifeline = createLifeline();
const authority = await createCertificateAuthority('CONET laboratory (throw-away)');
const caFile = join(folder, 'ca.pem');
const logs = join(folder, 'logs');
const updates = join(folder, 'updates');
for (const each of [logs, updates]) await mkdir(each, { recursive: true });
await writeFile(caFile, authority.certificate);

const gone = new Set<string>();
const names = await startNameServer({
  address: RESOLVER,
  port: DNS_PORT,
  data: {
    zones: ZONE_NAMES,
    sites: { domain: SITES_DOMAIN, hosts: { get: addressOf } },
    gone,
    others: new Map([[UPDATE_HOST, UPDATE_ADDRESS]]),
    everything: true,
  },
});
const origins = await startOrigins(authority);
const closeDatagrams = await startDatagramServers(STUN_PORT, QUIC_PORT);
const updateServer = createServer((request, response) => {
  const name = (request.url ?? '').replace(/\?.*$/, '').replace(/^\//, '');
  const file = /^[\w.-]+$/.test(name) ? join(updates, name) : '';
  readFile(file).then(
    (body) => {
      response.setHeader('content-type', name.endsWith('.crx') ? 'application/x-chrome-extension' : 'text/xml');
      response.end(body);
    },
    () => response.writeHead(404).end(),
  );
});
updateServer.listen(UPDATE_PORT, UPDATE_ADDRESS);
await once(updateServer, 'listening');

const deaths: string[] = [];
const started = new Set<RelayProcess>();
const relaysInit = {
  plan: { relays: RELAYS, resolver: `${RESOLVER}:${DNS_PORT}`, siteRanges: SITE_BLOCKS },
  folder,
  logs,
  ports: PORTS,
  authority,
  exitProgram: exitProgram === '' ? undefined : exitProgram,
  onDeath: (reason: string) => deaths.push(reason),
  onStart: (relay: RelayProcess) => {
    started.add(relay);
    lifeline.holdPid(relay.pid);
  },
};
/** Relays in whose place something else runs, and how to end that. */
const garbled = new Map<string, () => Promise<void>>();
const relays: Relay[] = await startRelays(relaysInit);

function relayOf(name: string): Relay {
  const relay = relays.find((each) => each.name === name);
  if (!relay) throw new Error(`no relay is called ${name}`);
  return relay;
}

const calls: ServerCalls = {
  queries: async (since) => names.queries.slice(since),
  requests: async (since) => origins.requests.slice(since),
  log: async (name, since) => relayOf(name).process.log.slice(since),
  deaths: async () => deaths,
  setGone: async (domains) => {
    gone.clear();
    for (const domain of domains) gone.add(domain);
  },
  signal: async (name, signal) => {
    process.kill(relayOf(name).process.pid, signal);
  },
  kill: async (name) => relayOf(name).process.kill(),
  garble: async (name) => {
    const relay = relayOf(name);
    await relay.process.kill();
    garbled.set(name, await startGarbage(relay, { logs, port: PORTS.tunnels }));
  },
  restart: async (name) => {
    const relay = relayOf(name);
    await relay.process.kill();
    await garbled.get(name)?.();
    garbled.delete(name);
    started.delete(relay.process);
    const again = restartRelay(relay, relaysInit);
    relays[relays.indexOf(relay)] = again;
    await again.process.waitFor('relay-ready');
    if (again.role === 'exit') await again.process.waitFor('exit-entry-connected');
  },
  setCertificate: async (name, validMs) => {
    const relay = relayOf(name);
    const leaf = await authority.issue([{ type: 'dns', value: `*.${relay.label}.${relay.zone.name}` }], { validMs });
    await writeLeaf(join(folder, name, 'tls'), leaf);
  },
  close: async () => {
    await Promise.all([...garbled.values()].map((end) => end()));
    await Promise.all([...started].map((relay) => relay.stop()));
    updateServer.close();
    await Promise.all([origins.close(), names.close(), closeDatagrams(), lifeline.close()]);
  },
};

process.on('message', (message) => {
  const { id, call, words } = message as Request;
  const perform = (): Promise<unknown> => (calls[call] as (...given: unknown[]) => Promise<unknown>)(...words);
  perform()
    .then(
      (value): Reply => ({ id, value }),
      (error: unknown): Reply => ({ id, error: messageOf(error) }),
    )
    .then((reply) => {
      send(reply);
      if (call === 'close') process.disconnect();
    })
    .catch((error: unknown) => {
      console.error(error);
      process.exit(1);
    });
});
// The harness is gone: so is the reason for all this. The lifeline ends the relays.
process.on('disconnect', () => process.exit(0));

send({
  ready: {
    caFile,
    updates,
    logs,
    records: toRecords(relays, PORTS),
    relays: relays.map(({ name, role, operator, label, address, process: { pid } }) => ({
      ...{ name, role, operator, label, address, pid },
    })),
  },
});

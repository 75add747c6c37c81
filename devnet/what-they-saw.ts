// What each party of the walk saw, taken from where it cannot be invented: the sites' request log, the kernel's table of each
// relay's connections, the name server's query log, and the relays' own log files.

import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Network } from './network.ts';
import { DIRECT_ADDRESS, SITES } from './plan.ts';
import type { Relay } from './relays.ts';
import { connectionsOf } from './sockets.ts';

export type PartyView = { party: string; who: string; saw: string; didNotSee: string };

export type Views = {
  rows: PartyView[];
  /** What would be a failure of the promise, in words; empty when it held. */
  broken: string[];
};

/** Call while the private tab is open: the kernel forgets connections that have ended. `since` is when the tab became private, ms. */
export async function collectViews(network: Network, exit: Relay, since: number): Promise<Views> {
  const broken: string[] = [];
  const entries = network.relays.filter(({ role }) => role === 'entry');
  const siteOf = new Map<string, string>(Object.values(SITES).map(({ host, address }) => [address, host]));
  const rows: PartyView[] = [];

  for (const { host } of [SITES.shop, SITES.news]) {
    const seen = network.sites.log.records.filter((record) => record.host === host && record.at >= since);
    const addresses = [...new Set(seen.map(({ address }) => address))].join(', ');
    rows.push({
      party: 'site',
      who: host,
      saw: `${seen.length} requests from ${addresses || 'nobody'}`,
      didNotSee: addresses.includes(DIRECT_ADDRESS) ? '' : DIRECT_ADDRESS,
    });
  }

  const ofExit = await connectionsOf(exit.process.pid);
  const destinations = [...new Set(ofExit.flatMap(({ remote }) => siteOf.get(remote) ?? []))];
  const itsEntries = entries.filter(({ address }) => ofExit.some(({ remote }) => remote === address));
  rows.push({
    party: 'exit',
    who: `${exit.name} (${exit.operator})`,
    saw: `${destinations.join(', ') || 'no destination'}; ${itsEntries.map(({ name }) => name).join(', ')}`,
    didNotSee: `any client address (no connection, log line or name of one)`,
  });
  if (destinations.length === 0) broken.push(`${exit.name} holds no connection to a site`);
  const exitLog = await readFile(join(network.logs, `${exit.name}.log`), 'utf8');
  if (ofExit.some(({ remote }) => remote === DIRECT_ADDRESS) || exitLog.includes(`"${DIRECT_ADDRESS}`)) {
    broken.push(`${exit.name} knows the client's address`);
  }

  for (const entry of entries) {
    const connections = await connectionsOf(entry.process.pid);
    const clients = connections.filter(({ localPort }) => localPort === network.ports.tunnels);
    if (clients.length === 0) continue;
    const log = await readFile(join(network.logs, `${entry.name}.log`), 'utf8');
    const exits = network.relays.filter(({ role, label }) => role === 'exit' && label === exit.label);
    rows.push({
      party: 'entry',
      who: `${entry.name} (${entry.operator})`,
      saw: `${clients.length} connections from ${[...new Set(clients.map(({ remote }) => remote))].join(', ')}; exit ${exits.map(({ label }) => `${label.slice(0, 10)}…`).join(', ')}`,
      didNotSee: 'any destination (no connection, log line or name of one)',
    });
    if (connections.some(({ remote }) => siteOf.has(remote))) broken.push(`${entry.name} holds a connection to a site`);
    if (Object.values(SITES).some(({ host, address }) => log.includes(host) || log.includes(`${address}:`))) {
      broken.push(`the log of ${entry.name} names a destination`);
    }
  }
  if (!rows.some(({ party }) => party === 'entry')) broken.push('no entry holds a connection of the client');

  const asked = network.names.queries.filter(({ by, at }) => by === 'https' && at >= since).map(({ name }) => name);
  const circuitNames = [...new Set(asked.filter((name) => name.includes(exit.label)))];
  rows.push({
    party: 'resolver',
    who: 'of the browser',
    saw:
      circuitNames.length > 0
        ? `the circuit's name (${circuitNames.length})`
        : "nothing (the circuit's name was known)",
    didNotSee: SITES.shop.host,
  });
  if (asked.some((name) => name.endsWith(SITES.shop.host)))
    broken.push(`the browser asked its resolver for ${SITES.shop.host}`);
  return { rows, broken };
}

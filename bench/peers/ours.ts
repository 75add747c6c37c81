// Our two relays, one entry and one exit, as operators run them; nobody pays.

import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { possibleCircuits } from '../../src/core/circuit/choose-circuit.ts';
import { startRelays, toRecords } from '../../devnet/relays.ts';
import type { RelayProcess } from '../../devnet/relay-process.ts';
import type { Lab } from '../lab.ts';
import { OUR_PORTS, OUR_RELAYS, RESOLVER, SITE_RANGE } from './plan.ts';
import { TITLES, type Peer } from './peer.ts';

export async function startOurs({ folder, authority, lifeline }: Lab): Promise<Peer> {
  const own = join(folder, 'ours');
  await mkdir(own, { recursive: true });
  const started: RelayProcess[] = [];
  const relays = await startRelays({
    plan: { relays: OUR_RELAYS, resolver: `${RESOLVER}:${OUR_PORTS.dns}`, siteRanges: [SITE_RANGE] },
    ...{ folder: own, logs: own, ports: OUR_PORTS, authority },
    onDeath: (reason) => console.error(`bench: ${reason}`),
    onStart: (relay) => {
      started.push(relay);
      lifeline.holdPid(relay.pid);
    },
  });
  const [circuit] = possibleCircuits(toRecords(relays, OUR_PORTS));
  const entry = OUR_RELAYS.find(({ role }) => role === 'entry');
  if (circuit === undefined || entry === undefined) throw new Error('the relays make no circuit');
  return {
    name: 'ours',
    title: TITLES.ours,
    proxy: { kind: 'https', address: entry.address, port: circuit.proxyPort, host: circuit.proxyHost },
    processes: relays.map(({ name, process: { pid } }) => ({ name, pid })),
    close: async () => {
      await Promise.all(started.map((relay) => relay.stop()));
      for (const { pid } of started) lifeline.dropPid(pid);
    },
  };
}

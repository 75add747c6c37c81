// A client that knows no relay begins with a DNSADDR name alone, or an address that was typed alone: a real resolver (unbound, DNS over HTTPS), real relays that gossip, and the worker's own directory job. Only
// the browser's part is played: names lead to the relays' addresses here, and the line to them is libp2p without the WebSocket (which tests/e2e/directory.test.ts has).

import type { Connection } from '@libp2p/interface';
import { multiaddr } from '@multiformats/multiaddr';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { createBlame } from '../../background/blame.ts';
import { createDirectorySync, type DirectorySync } from '../../background/directory/directory-sync.ts';
import { createOpeningKeys } from '../../background/directory/keys.ts';
import { fromPages } from '../../background/directory/pages.ts';
import { createPastProxy } from '../../background/directory/past-proxy.ts';
import { createPaymentRail } from '../../src/chain/payment-rail.ts';
import { parseBeginPlaces, type BeginPlaces } from '../../src/core/directory/begin-places.ts';
import { askedHostsCell, beginPlacesCell, directoryCell, exitChoicesCell } from '../../src/core/state/cells.ts';
import { formatCircuitName, parseCircuitName } from '../../src/core/tunnel/circuit-name.ts';
import { askDirectory } from '../../src/net/directory-client.ts';
import { peerKeys } from '../../src/net/peer-keys.ts';
import { createNameQueries } from '../../src/platform/name-queries.ts';
import { createCells } from '../../src/platform/storage.ts';
import { EntryUnreachableError, type EntryClient } from '../../src/ports/entry-client.ts';
import { eventually } from '../support/eventually.ts';
import {
  createDirectoryBench,
  createNode,
  type DirectoryBench,
  type DirectoryRelay,
} from '../support/directory-relay.ts';
import { startDohResolver, type DohResolver } from '../support/doh-resolver.ts';
import { FakeBrowser } from '../support/fakes/browser.ts';

let bench: DirectoryBench;
let relays: DirectoryRelay[];
let resolver: DohResolver;
let asker: Awaited<ReturnType<typeof createNode>>;

const addressOf = ({ identity: { label } }: DirectoryRelay): string =>
  `/dns4/${formatCircuitName({ address: '127.0.1.33', peer: label, zone: 'relay.test' })}/tcp/443/tls/ws/p2p/${label}`;
/** In two strings, as a record of more than 255 bytes has to be. */
const record = (value: string) => [`dnsaddr=${value}`.slice(0, 100), `dnsaddr=${value}`.slice(100)];

beforeAll(async () => {
  bench = await createDirectoryBench();
  const first = await bench.start();
  const second = await bench.start({ neighbours: [first.address] });
  relays = [first, second, await bench.start({ neighbours: [second.address] })];
  await eventually(() => expect(relays.map((relay) => relay.size())).toEqual([3, 3, 3]));
  resolver = await startDohResolver({
    '_dnsaddr.begin.test': [record(addressOf(first)), ['v=spf1 -all'], ['dnsaddr=/ip4/192.0.2.1/tcp/4001']],
    '_dnsaddr.further.test': [['dnsaddr=/dnsaddr/begin.test']],
    '_dnsaddr.empty.test': [['v=spf1 -all']],
  });
  asker = await createNode({ mayDial: relays.map(({ identity }) => identity.peerId) });
});

afterAll(async () => {
  await asker.node.stop();
  await bench.clean();
  await resolver.close();
});

let cells: ReturnType<typeof createCells>;
let directory: DirectorySync;
let reports: unknown[];
/** Hosts that were open to the worker while one was dialled. */
let open: string[];

beforeEach(() => {
  cells = createCells(new FakeBrowser().areas);
  reports = [];
  open = [];
  const clock = { now: Date.now, timeout: (ms: number) => AbortSignal.timeout(ms) };
  const changed = async (): Promise<void> => {
    open.push(...(await cells.read(askedHostsCell)));
  };
  const rail = createPaymentRail({ network: 'devnet', fetch });
  directory = createDirectorySync({
    ...{ cells, clock, changed, entries: entries(), report: (error) => reports.push(error) },
    chance: { draw: Math.random, bytes: (length) => crypto.getRandomValues(new Uint8Array(length)) },
    blame: createBlame({ cells, clock, report: (error) => reports.push(error) }),
    keys: createOpeningKeys(peerKeys, async () => rail),
    pastProxy: createPastProxy({ cells, clock, changed }),
    dns: createNameQueries(resolver.fetch),
    servers: async () => [],
    readRegistry: async () => [],
    exitWishes: () => cells.read(exitChoicesCell),
    relaysChanged: () => undefined,
  });
});

function entries(): EntryClient {
  const lines = new Map<string, Connection>();
  return {
    reach: async ({ peer, host }) => {
      const relay = relays.find(({ identity }) => identity.label === peer);
      if (relay === undefined || parseCircuitName(host).peer !== peer) throw new EntryUnreachableError('no such relay');
      lines.set(peer, await asker.node.dial(multiaddr(relay.address)));
      return { roundTrip: Promise.resolve(1), wasThere: false };
    },
    directory: async (peer, mark, options) => askDirectory(lines.get(peer)!, mark, options),
    session: () => Promise.reject(new Error('nobody is paid here')),
    leave: async (peer) => lines.get(peer)?.close(),
    onLost: () => undefined,
    stop: async () => undefined,
  };
}

async function find(places: Partial<BeginPlaces>): Promise<string[]> {
  const all = { addresses: [], names: [], resolver: resolver.url, ...places };
  await cells.update(beginPlacesCell, () => parseBeginPlaces(all));
  await directory.find(AbortSignal.timeout(30_000), new Set());
  const { pages } = await cells.read(directoryCell);
  return (await fromPages(pages)).map(({ descriptor }) => descriptor.peer).sort();
}

const everybody = () => relays.map(({ identity }) => identity.label).sort();

describe('a client that knows no relay finds all of them', () => {
  test('by a DNSADDR name alone', async () => {
    expect(await find({ names: ['begin.test'] })).toEqual(everybody());
    expect(directory.news()).toEqual([{ source: 'names', told: 1, answered: 1, error: undefined }]);
    expect(open).toContain('dns.test');
    expect(await cells.read(askedHostsCell)).toEqual([]);
  });

  test('by a name that leads to that one', async () => {
    expect(await find({ names: ['further.test'] })).toEqual(everybody());
  });

  test('by an address that was typed alone, and nobody is asked for a name', async () => {
    expect(await find({ addresses: [addressOf(relays[1]!)], resolver: undefined })).toEqual(everybody());
    expect(open).not.toContain('dns.test');
  });

  test('though one name is none and another leads nowhere', async () => {
    expect(await find({ names: ['none.test', 'empty.test', 'begin.test'] })).toEqual(everybody());
  });
});

test.each([
  ['none.test', 'begin-no-records'],
  ['empty.test', 'begin-no-records'],
])('of %s it is told what came of it', async (name, error) => {
  expect(await find({ names: [name] })).toEqual([]);
  expect(directory.news()).toEqual([{ source: 'names', told: 0, answered: 0, error }]);
  expect(reports).toMatchObject([{ code: error }]);
});

test('a resolver whose certificate is another’s is not believed', async () => {
  const elsewhere = resolver.url.replace('dns.test', 'other.test');
  expect(await find({ names: ['begin.test'], resolver: elsewhere })).toEqual([]);
  expect(directory.news()).toMatchObject([{ error: 'begin-unreachable' }]);
});

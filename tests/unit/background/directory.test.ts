// What a client comes to know of relays while something is private: from several of them, opened by itself, kept over restarts; and who hides, forges or breaks the protocol is found out.

import { beforeEach, describe, expect, test } from 'vitest';
import { RelayFaultError } from '../../../background/blame.ts';
import { DIRECTORY_FRESH_MS, VISIT_STAYS_MS } from '../../../src/core/circuit/durations.ts';
import { DirectoryError } from '../../../src/core/directory/directory-error.ts';
import { epoch, type ReadMark } from '../../../src/core/directory/directory.ts';
import type { SignedDescriptor } from '../../../src/core/directory/open-descriptor.ts';
import type { RelayRecord } from '../../../src/core/directory/relay-record.ts';
import { EntryUnreachableError } from '../../../src/ports/entry-client.ts';
import { createListedNetwork, type ListedNetwork } from '../../support/fakes/relay-directory.ts';
import { eventually } from '../../support/eventually.ts';
import { World } from '../../support/fakes/world.ts';

const TAB = 1;
const NOW = 1_796_083_200_000;
const HOUR = 3_600_000;
const MARK = { epoch: epoch.decode(new Uint8Array(16).fill(1)), version: 7 };

let world: World;
let listed: ListedNetwork;
/** Who was asked, and from where on. */
let asked: { peer: string; mark: ReadMark | undefined }[];
/** What each relay answers in its place. */
let told: Map<string, () => SignedDescriptor[]>;
/** By how many seconds the relays' clocks differ from the client's. */
let clocks: number;

beforeEach(async () => {
  world = await World.create();
  world.browser.now = NOW;
  world.browser.addTab(TAB, 'https://shop.test/');
  world.packaged = { payments: { network: 'devnet', rpcs: [] } };
  listed = await createListedNetwork(4, 3, NOW);
  world.network.exits.push(...listed.exits);
  asked = [];
  told = new Map();
  clocks = 0;
  world.directory = async (peer, mark) => {
    asked.push({ peer, mark });
    const entries = told.get(peer)?.() ?? listed.all.map(({ signed }) => signed);
    return { entries, mark: MARK, time: world.browser.now / 1000 + clocks };
  };
});

const relays = (): RelayRecord[] =>
  (world.browser.stored.local.get('relays') as { value: RelayRecord[] } | undefined)?.value ?? [];
const peers = () =>
  relays()
    .map(({ peer }) => peer)
    .sort();
const useful = () => [...listed.entries, ...listed.exits].map(({ label }) => label);
/** The packaged ones in use stay. */
const learned = () => eventually(() => expect(peers()).toEqual(expect.arrayContaining(useful().sort())));
const stored = (key: string) => (world.browser.stored.local.get(key) as { value: unknown } | undefined)?.value;
const faults = () => stored('relay-faults') as Record<string, { code: string }> | undefined;
const done = () => eventually(() => expect(stored('directory-asked')).toMatchObject({ at: world.browser.now }));

async function goPrivate(): Promise<void> {
  await world.start();
  await world.set(TAB, true);
  await world.until(TAB, 'private');
}

/** The person comes back. */
async function later(ms: number): Promise<void> {
  world.browser.now += ms;
  await world.set(TAB, true);
  await world.idle();
}

test('nobody is asked while nothing is private', async () => {
  await world.start();
  await world.idle();
  expect(asked).toEqual([]);
});

test('the relays that there is a line to are asked, and what comes is what circuits are made of', async () => {
  await goPrivate();
  await learned();
  expect(new Set(asked.map(({ peer }) => peer))).toEqual(new Set(world.network.entries.map(({ label }) => label)));
  expect(asked.every(({ mark }) => mark === undefined)).toBe(true);
  // Their operators, payees, addresses and links, as they say themselves.
  const exit = relays().find(({ peer }) => peer === listed.exits[0]!.label);
  expect(exit).toMatchObject({
    payee: listed.exits[0]!.descriptor.payee,
    exit: { zone: { name: 'zone.test', operator: listed.zone.descriptor.operator }, addresses: ['10.6.0.1'] },
  });
  expect([...exit!.exit!.entries].sort()).toEqual(listed.entries.map(({ label }) => label).sort());
});

test('an hour later they are asked for what is new, and a new worker asks no sooner', async () => {
  await goPrivate();
  await learned();
  await done();
  const first = asked.length;
  await world.restartWorker();
  await later(DIRECTORY_FRESH_MS - 1000);
  expect(asked).toHaveLength(first);
  // 0 is drawn, for which all is asked for; so another draw.
  world.draw = 0.5;
  const changed = await listed.entries[0]!.change({ region: 'IS' });
  for (const { label } of world.network.entries) told.set(label, () => [changed]);
  await later(2000);
  await eventually(() => expect(relays().find(({ peer }) => peer === listed.entries[0]!.label)?.region).toBe('IS'));
  expect(asked.slice(first).some(({ mark }) => mark?.version === MARK.version)).toBe(true);
  // The others were not told of again, and are there.
  await learned();
});

test('after a browser restart all is there without a question', async () => {
  await goPrivate();
  await learned();
  await done();
  const first = asked.length;
  world.kill();
  world.browser.restart([{ id: TAB, url: 'https://shop.test/' }]);
  await goPrivate();
  await learned();
  expect(asked).toHaveLength(first);
});

describe('who is not honest', () => {
  const [one, two] = [0, 1];
  const entry = (at: number) => world.network.entries[at]!.label;

  test('what nobody signed is not taken, and who told of it is not asked again, nor used', async () => {
    const forged = { ...(await listed.exits[0]!.change({})), payeeSignature: listed.exits[1]!.signed.payeeSignature };
    told.set(entry(one), () => [forged]);
    await goPrivate();
    await learned();
    await done();
    expect(faults()).toEqual({ [entry(one)]: { code: 'forges', at: world.browser.now, operator: 'alder' } });
    expect(world.reports.some((error) => error instanceof RelayFaultError)).toBe(true);
    asked.length = 0;
    await later(DIRECTORY_FRESH_MS + 1000);
    await eventually(() => expect(asked.length).toBeGreaterThan(0));
    expect(asked.map(({ peer }) => peer)).not.toContain(entry(one));
  });

  test('who breaks the protocol is not asked again', async () => {
    const answer = world.directory;
    world.directory = (peer, mark, options) =>
      peer === entry(two) ? Promise.reject(new DirectoryError('malformed', '')) : answer(peer, mark, options);
    await goPrivate();
    await learned();
    await done();
    expect(faults()).toMatchObject({ [entry(two)]: { code: 'breaks' } });
  });

  test('who only fails is at no fault', async () => {
    const answer = world.directory;
    world.directory = (peer, mark, options) =>
      peer === entry(two) ? Promise.reject(new EntryUnreachableError('gone')) : answer(peer, mark, options);
    await goPrivate();
    await learned();
    await done();
    expect(faults() ?? {}).toEqual({});
  });

  test('of three who were asked for all, one that hides most is found out; with two nobody can tell', async () => {
    told.set(entry(one), () => listed.all.slice(0, 4).map(({ signed }) => signed));
    await goPrivate();
    await learned();
    await done();
    expect(faults() ?? {}).toEqual({});
    // Of the four new ones one is asked beside the two: it is left again.
    asked.length = 0;
    await later(DIRECTORY_FRESH_MS + 1000);
    await eventually(() => expect(faults()).toMatchObject({ [entry(one)]: { code: 'hides' } }));
    expect(asked.length).toBeGreaterThanOrEqual(3);
    expect(world.left).toEqual([]);
    world.browser.elapse(VISIT_STAYS_MS);
    await eventually(() => expect(world.left).toHaveLength(1));
    expect(stored('asked-hosts') ?? []).toEqual([]);
  });
});

test('an old answer displaces nothing that is newer', async () => {
  await goPrivate();
  await learned();
  await done();
  const [exit] = listed.exits;
  const newer = await exit!.change({ region: 'IS' });
  for (const { label } of [...world.network.entries, ...listed.entries]) told.set(label, () => [newer]);
  await later(DIRECTORY_FRESH_MS + 1000);
  await eventually(() => expect(relays().find(({ peer }) => peer === exit!.label)?.region).toBe('IS'));
  for (const { label } of [...world.network.entries, ...listed.entries]) told.set(label, () => [exit!.signed]);
  await later(DIRECTORY_FRESH_MS + 1000);
  await done();
  expect(relays().find(({ peer }) => peer === exit!.label)?.region).toBe('IS');
});

test.each([2, -2, 30, -30])('a clock that is %i hours off: relays agree on it, and nothing is lost', async (hours) => {
  clocks = -hours * 3600;
  listed = await createListedNetwork(4, 3, NOW - hours * HOUR);
  await goPrivate();
  await learned();
  await done();
  expect(stored('directory-asked')).toMatchObject({ wrongBy: -hours * 3600 });
});

test('relays of which no circuit can be made leave those that are known', async () => {
  const answer = world.directory;
  world.directory = async (peer, mark, options) => ({
    ...(await answer(peer, mark, options)),
    entries: listed.entries.map(({ signed }) => signed),
  });
  await goPrivate();
  await done();
  expect(peers()).toEqual(world.network.records.map(({ peer }) => peer).sort());
});

test('a stored directory that is damaged is read again from relays', async () => {
  world.browser.stored.local.set('directory', { version: 1, value: { pages: 'x' } });
  await goPrivate();
  await learned();
});

describe('with no relay that is known, or none that answers', () => {
  /** What servers of the chain were asked for, and which hosts were open to the worker then. */
  let reads: { servers: readonly string[]; open: readonly string[] }[];
  const retry = async (ms: number) => {
    await world.idle();
    world.browser.now += ms;
    world.browser.fire('retry-circuit');
    await world.idle();
  };
  const SERVERS = ['https://rpc-one.test/key', 'https://rpc-two.test/'];

  beforeEach(() => {
    reads = [];
    world.packaged = { relays: [], payments: { network: 'devnet', rpcs: SERVERS } };
    world.registry = async (servers) => {
      reads.push({ servers, open: world.browser.policy?.relayHosts ?? [] });
      return listed.entries.map(({ label, descriptor: { payee, entry } }) => ({
        ...{ peer: label, payee, leavesAt: undefined },
        addresses: { workers: [{ address: entry!.addresses[0]!, port: 443, zone: 'zone.test' }], relays: [] },
      }));
    };
  });

  test('the registry says where to begin: the tab is private with relays that nobody told it of', async () => {
    await goPrivate();
    expect(reads).toEqual([{ servers: SERVERS, open: ['rpc-one.test', 'rpc-two.test'] }]);
    expect(peers()).toEqual(expect.arrayContaining(useful().sort()));
    // At least three were asked, and left again; nothing stays open but the way to the entries in use.
    expect(asked.length).toBeGreaterThanOrEqual(3);
    await eventually(() => expect(stored('asked-hosts') ?? []).toEqual([]));
    expect(world.browser.policy?.relayHosts.some((host) => host.includes('rpc-'))).toBe(false);
  });

  test('all that are known are dead: others are found, and the tab is private', async () => {
    world.packaged = { payments: { network: 'devnet', rpcs: SERVERS } };
    for (const { label } of world.network.entries) world.dead.add(label);
    await goPrivate();
    expect(reads).toHaveLength(1);
    const { circuit } = await world.look(TAB);
    expect(listed.all.map(({ descriptor }) => descriptor.operator)).toContain(circuit?.entry.operator);
  });

  test('no server answers, or what it names does not: the tab is blocked, and they are asked again after a while only', async () => {
    world.registry = async (servers) => {
      reads.push({ servers, open: [] });
      throw new Error('unreachable');
    };
    await world.start();
    await world.set(TAB, true);
    expect((await world.until(TAB, 'blocked')).status).toMatchObject({ why: 'no-relays' });
    await retry(0);
    expect(reads).toHaveLength(1);
    world.registry = async () =>
      listed.entries.map(({ label, descriptor: { payee } }) => ({
        ...{ peer: label, payee, leavesAt: undefined },
        addresses: { workers: [{ address: '10.0.0.9', port: 443, zone: 'zone.test' }], relays: [] },
      }));
    for (const { label } of listed.entries) world.dead.add(label);
    await retry(6 * 60_000);
    expect((await world.until(TAB, 'blocked')).status).toMatchObject({ why: 'no-relays' });
    world.dead.clear();
    await retry(6 * 60_000);
    await world.until(TAB, 'private');
  });

  test('without a server of the chain nobody is asked', async () => {
    world.packaged = { relays: [] };
    await world.start();
    await world.set(TAB, true);
    expect((await world.until(TAB, 'blocked')).status).toMatchObject({ why: 'no-relays' });
    expect(reads).toEqual([]);
  });

  test('a registry of a thousand dead relays costs twelve dials, not a thousand', async () => {
    const many = await Promise.all(Array.from({ length: 40 }, () => createListedNetwork(1, 0, NOW)));
    world.registry = async () =>
      many.map(({ entries: [entry] }) => ({
        ...{ peer: entry!.label, payee: entry!.descriptor.payee, leavesAt: undefined },
        addresses: { workers: [{ address: '10.0.0.9', port: 443, zone: 'zone.test' }], relays: [] },
      }));
    for (const {
      entries: [entry],
    } of many)
      world.dead.add(entry!.label);
    await world.start();
    await world.set(TAB, true);
    expect((await world.until(TAB, 'blocked')).status).toMatchObject({ why: 'no-relays' });
    expect(world.reached).toHaveLength(12);
  });
});

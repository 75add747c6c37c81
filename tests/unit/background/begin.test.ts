// Where a client begins that knows no relay, or none that answers: by an address that was typed, by a DNSADDR name, by the registry, by relays of weeks ago. Each alone is enough, and each that fails takes
// nothing from the others.

import * as dnsPacket from 'dns-packet';
import { beforeEach, describe, expect, test } from 'vitest';
import { handle } from '../../../background/handlers.ts';
import { ASK_NAME_MS, BEGIN_MORE_MS, VISIT_STAYS_MS } from '../../../src/core/circuit/durations.ts';
import { NO_WISHES } from '../../../src/core/circuit/relay-wishes.ts';
import type { BeginView } from '../../../src/core/directory/begin-news.ts';
import { epoch } from '../../../src/core/directory/directory.ts';
import { recordsNameOf } from '../../../src/core/directory/dnsaddr.ts';
import { formatCircuitName } from '../../../src/core/tunnel/circuit-name.ts';
import { EntryUnreachableError } from '../../../src/ports/entry-client.ts';
import { eventually } from '../../support/eventually.ts';
import { createListedNetwork, type ListedNetwork, type ListedRelay } from '../../support/fakes/relay-directory.ts';
import { World } from '../../support/fakes/world.ts';

const TAB = 1;
const NOW = 1_796_083_200_000;
const DAY = 24 * 3_600_000;
const RESOLVER = 'https://dns.test/dns-query';
const RPC = 'https://rpc.test/';
const popup = { kind: 'popup', tab: undefined } as const;

let world: World;
let listed: ListedNetwork;
/** Records by name, and which hosts were open to the worker when they were asked for. */
let records: Map<string, string[] | 'none' | 'silence' | 'nonsense'>;
let questions: { url: string; name: string; open: readonly string[] }[];

beforeEach(async () => {
  world = await World.create();
  world.browser.now = NOW;
  world.browser.addTab(TAB, 'https://shop.test/');
  world.packaged = { relays: [], payments: { network: 'devnet', rpcs: [] } };
  listed = await createListedNetwork(4, 3, NOW);
  world.network.exits.push(...listed.exits);
  world.directory = async () => ({
    entries: listed.all.map(({ signed }) => signed),
    mark: { epoch: epoch.decode(new Uint8Array(16)), version: 1 },
    time: world.browser.now / 1000,
  });
  records = new Map();
  questions = [];
  world.dns = async (url, query, { signal }) => {
    const [question] = dnsPacket.decode(Buffer.from(query)).questions!;
    const name = question!.name;
    questions.push({ url, name, open: world.browser.policy?.relayHosts ?? [] });
    const found = records.get(name) ?? 'none';
    if (found === 'nonsense') return new Uint8Array(3);
    if (found === 'silence')
      return new Promise((_, reject) => signal.addEventListener('abort', () => reject(new Error('aborted'))));
    const answers = found === 'none' ? [] : found.map((data) => ({ type: 'TXT' as const, name, data }));
    return dnsPacket.encode({
      type: 'response',
      id: 0,
      flags: found === 'none' ? 3 : 0,
      questions: [question!],
      answers,
    });
  };
});

const addressOf = ({ label, descriptor: { entry } }: ListedRelay): string =>
  `/dns4/${formatCircuitName({ address: entry!.addresses[0]!, peer: label, zone: entry!.zone })}/tcp/443/tls/ws`;
const set = (places: { addresses?: string[]; names?: string[]; resolver?: string | undefined }): Promise<BeginView> =>
  handle(
    world.app.handlers,
    {
      type: 'relays/set-begin',
      data: { places: { addresses: [], names: [], resolver: RESOLVER, ...places } },
    },
    popup,
  ) as Promise<BeginView>;
const read = (): Promise<BeginView> =>
  handle(world.app.handlers, { type: 'relays/read-begin', data: {} }, popup) as Promise<BeginView>;
const stored = (key: string) => (world.browser.stored.local.get(key) as { value: unknown } | undefined)?.value;
const goPrivate = async () => {
  await world.set(TAB, true);
  await world.until(TAB, 'private');
};
const newsOf = async (source: string) => (await read()).news.find((each) => each.source === source);

describe('a client that knows no relay', () => {
  test('begins with an address that was typed, alone', async () => {
    await world.start();
    await world.set(TAB, true);
    expect((await world.until(TAB, 'blocked')).status).toMatchObject({ why: 'no-relays' });
    // Nobody has to wait until it is tried again.
    await set({ addresses: [addressOf(listed.entries[0]!)] });
    await world.until(TAB, 'private');
    expect(await newsOf('addresses')).toEqual({ source: 'addresses', told: 1, answered: 1, error: undefined });
    expect(questions).toEqual([]);
    await eventually(() => expect(stored('asked-hosts') ?? []).toEqual([]));
  });

  test('begins with a DNSADDR name, alone; the resolver is open to the worker and closed to pages while it is asked', async () => {
    records.set(recordsNameOf('begin.example'), [`dnsaddr=${addressOf(listed.entries[1]!)}`, 'v=spf1 -all']);
    await world.start();
    await set({ names: ['begin.example'] });
    await goPrivate();
    expect(questions).toEqual([{ url: RESOLVER, name: '_dnsaddr.begin.example', open: ['dns.test'] }]);
    expect(await newsOf('names')).toMatchObject({ told: 1, answered: 1, error: undefined });
    expect(world.browser.policy?.relayHosts).not.toContain('dns.test');
  });

  test('begins with a name that leads to another, and no further', async () => {
    records.set(recordsNameOf('a.example'), ['dnsaddr=/dnsaddr/b.example', 'dnsaddr=/dnsaddr/a.example']);
    records.set(recordsNameOf('b.example'), ['dnsaddr=/dnsaddr/c.example', `dnsaddr=${addressOf(listed.entries[1]!)}`]);
    await world.start();
    await set({ names: ['a.example'] });
    await goPrivate();
    expect(questions.map(({ name }) => name)).toEqual(['a', 'b', 'a'].map((name) => `_dnsaddr.${name}.example`));
  });

  test.each([
    ['there is no such name', 'none', 'begin-no-records'],
    ['what comes is nonsense', 'nonsense', 'begin-bad-answer'],
    ['it leads to no relay', ['dnsaddr=/ip4/192.0.2.1/tcp/1'], 'begin-no-records'],
  ] as const)('is told what came of a name: %s', async (_, answer, error) => {
    records.set(recordsNameOf('begin.example'), answer === 'none' || answer === 'nonsense' ? answer : [...answer]);
    await world.start();
    await set({ names: ['begin.example'] });
    await world.set(TAB, true);
    expect((await world.until(TAB, 'blocked')).status).toMatchObject({ why: 'no-relays' });
    expect(await newsOf('names')).toEqual({ source: 'names', told: 0, answered: 0, error });
  });

  test('of records of private networks none is dialled, but on chains for development', async () => {
    const { dns } = world;
    records.set(recordsNameOf('begin.example'), [`dnsaddr=${addressOf(listed.entries[1]!)}`]);
    world.packaged = { relays: [], payments: { network: 'base', rpcs: [] } };
    await world.start();
    await expect(set({ addresses: [addressOf(listed.entries[0]!)] })).rejects.toMatchObject({
      code: 'begin-private-network',
    });
    expect((await read()).places.addresses).toEqual([]);
    await set({ names: ['begin.example'] });
    await world.set(TAB, true);
    await world.until(TAB, 'blocked');
    expect(dns).toBe(world.dns);
    expect(questions).toHaveLength(1);
    expect(world.reached).toEqual([]);
  });

  test('names without anybody to ask about them are refused', async () => {
    await world.start();
    await expect(set({ names: ['begin.example'], resolver: undefined })).rejects.toMatchObject({
      code: 'begin-no-resolver',
    });
  });

  test('who answers and knows of nothing that is wished is known, and nothing else is used', async () => {
    await world.start();
    const wishes = { ...NO_WISHES, exitRegions: ['NZ'] };
    await handle(world.app.handlers, { type: 'relays/set-wishes', data: { wishes } }, popup);
    await set({ addresses: [addressOf(listed.entries[0]!)] });
    await world.set(TAB, true);
    expect((await world.until(TAB, 'blocked')).status).toMatchObject({ why: 'no-wish' });
  });
});

describe('of several places', () => {
  const registry = (relays: ListedRelay[]) => async () =>
    relays.map(({ label, descriptor: { payee, entry } }) => ({
      ...{ peer: label, payee, leavesAt: undefined },
      addresses: { workers: [{ address: entry!.addresses[0]!, port: 443, zone: entry!.zone }], relays: [] },
    }));
  /** Each on a relay of its own; `good` is the one that works. */
  const arrange = async (good: 'addresses' | 'names' | 'registry') => {
    const [one, two, three] = listed.entries;
    world.packaged = { relays: [], payments: { network: 'devnet', rpcs: [RPC] } };
    world.registry = good === 'registry' ? registry([three!]) : () => Promise.reject(new Error('unreachable'));
    if (good !== 'addresses') world.dead.add(one!.label);
    records.set(recordsNameOf('begin.example'), good === 'names' ? [`dnsaddr=${addressOf(two!)}`] : 'nonsense');
    await world.start();
    await set({ addresses: [addressOf(one!)], names: ['begin.example', 'gone.example'] });
  };

  test.each(['addresses', 'names', 'registry'] as const)(
    'only the %s lead anywhere, and that is enough',
    async (good) => {
      await arrange(good);
      await world.set(TAB, true);
      // The others fail at once; nothing is waited for.
      await world.until(TAB, 'private');
      for (const source of ['addresses', 'names', 'registry']) {
        const news = await newsOf(source);
        expect(news?.error === undefined).toBe(source === good);
      }
      expect(world.reports.length).toBeGreaterThan(0);
    },
  );

  test('one that hangs holds up nobody for long', async () => {
    world.packaged = { relays: [], payments: { network: 'devnet', rpcs: [RPC] } };
    world.registry = (_, { signal }) =>
      new Promise((__, reject) => signal.addEventListener('abort', () => reject(new Error('aborted'))));
    await world.start();
    await set({ addresses: [addressOf(listed.entries[0]!)] });
    await world.set(TAB, true);
    await world.idle();
    expect((await world.look(TAB)).status.is).toBe('connecting');
    world.browser.elapse(BEGIN_MORE_MS);
    await world.until(TAB, 'private');
  });

  test('a resolver that hangs is given up', async () => {
    records.set(recordsNameOf('begin.example'), 'silence');
    await world.start();
    await set({ names: ['begin.example'] });
    await world.set(TAB, true);
    await world.idle();
    expect((await world.look(TAB)).status.is).toBe('connecting');
    world.browser.elapse(ASK_NAME_MS);
    await world.until(TAB, 'blocked');
    expect(await newsOf('names')).toMatchObject({ error: 'begin-unreachable' });
  });

  test('a registry full of dead relays displaces no address that was typed', async () => {
    const many = await createListedNetwork(40, 0, NOW);
    for (const { label } of many.entries) world.dead.add(label);
    world.packaged = { relays: [], payments: { network: 'devnet', rpcs: [RPC] } };
    world.registry = registry(many.entries);
    await world.start();
    await set({ addresses: [addressOf(listed.entries[3]!)] });
    await goPrivate();
    expect(world.reached.filter((peer) => world.dead.has(peer)).length).toBeLessThanOrEqual(6);
  });
});

describe('after weeks offline', () => {
  beforeEach(async () => {
    world.packaged = { payments: { network: 'devnet', rpcs: [] } };
    await world.start();
    await goPrivate();
    await eventually(() => expect(stored('directory-asked')).toBeDefined());
    await world.idle();
    world.kill();
    world.browser.restart([{ id: TAB, url: 'https://shop.test/' }]);
    world.browser.now = NOW + 30 * DAY;
    world.reached.length = 0;
    // All but one are gone, and what is stored of everybody is over. That one knows those that there are now.
    const now = await createListedNetwork(4, 3, world.browser.now);
    world.network.exits.push(...now.exits);
    for (const { label } of [...world.network.entries, ...listed.entries]) world.dead.add(label);
    const living = listed.entries[2]!;
    world.dead.delete(living.label);
    world.directory = async (peer) => {
      if (peer !== living.label && !now.entries.some(({ label }) => label === peer))
        throw new EntryUnreachableError('gone');
      return {
        entries: now.all.map(({ signed }) => signed),
        mark: { epoch: epoch.decode(new Uint8Array(16)), version: 1 },
        time: world.browser.now / 1000,
      };
    };
    // Its own exits are gone with the others.
    const { answer } = world;
    world.answer = (url, exit) =>
      now.exits.some(({ label }) => label === exit) ? answer(url, exit) : Promise.reject(new Error('gone'));
  });

  test('one relay that still lives is found by what was known, and leads to all the others', async () => {
    await world.start();
    await goPrivate();
    expect(world.reached).toContain(listed.entries[2]!.label);
    expect((await newsOf('known'))?.answered).toBe(1);
  });

  test('also where it is in the stored directory alone', async () => {
    const value = (stored('relays') as { peer: string }[]).filter(({ peer }) => peer !== listed.entries[2]!.label);
    world.browser.stored.local.set('relays', { version: 2, value });
    await world.start();
    await goPrivate();
    expect((await newsOf('known'))?.answered).toBe(1);
  });
});

test('a relay that was asked is left after a while, but where a circuit begins with it', async () => {
  const [one, other] = listed.entries;
  await world.start();
  await set({ addresses: [addressOf(one!), addressOf(other!)] });
  await goPrivate();
  await world.idle();
  const begins = new Set(world.browser.policy!.circuits.map(({ host }) => world.entryOf(`https://${host}/`)!));
  const asked = [one!.label, other!.label];
  expect(asked.some((peer) => begins.has(peer))).toBe(true);
  world.browser.elapse(VISIT_STAYS_MS);
  await world.idle();
  expect(world.left.filter((peer) => asked.includes(peer)).sort()).toEqual(
    asked.filter((peer) => !begins.has(peer)).sort(),
  );
});

test('a line that somebody pays on is not ended when its relay is asked for others', async () => {
  world.packaged = { payments: { network: 'devnet', rpcs: [] } };
  world.answer = () => Promise.reject(new Error('no check comes back'));
  await world.start();
  await world.set(TAB, true);
  await world.until(TAB, 'blocked');
  await world.idle();
  const own = world.network.entries.map(({ label }) => label);
  expect(world.reached.filter((peer) => own.includes(peer)).length).toBeGreaterThan(2);
  expect(world.left.filter((peer) => own.includes(peer))).toEqual([]);
});

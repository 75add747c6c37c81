// The person's wishes about relays, in the worker: circuits are of what is wished or there is none, a change gives up at once what breaks it and asks nobody, and wishes that cannot be read block.

import { beforeEach, describe, expect, test } from 'vitest';
import { handle } from '../../../background/handlers.ts';
import { GUARD_LIFE_MIN_MS } from '../../../src/core/circuit/guard-set.ts';
import { DIRECTORY_FRESH_MS } from '../../../src/core/circuit/durations.ts';
import { NO_WISHES, type RelayWishes } from '../../../src/core/circuit/relay-wishes.ts';
import type { RelaysView } from '../../../src/core/circuit/relays-view.ts';
import { epoch } from '../../../src/core/directory/directory.ts';
import type { SignedDescriptor } from '../../../src/core/directory/open-descriptor.ts';
import type { RelayRecord } from '../../../src/core/directory/relay-record.ts';
import { formatCircuitName } from '../../../src/core/tunnel/circuit-name.ts';
import { eventually } from '../../support/eventually.ts';
import { createListedNetwork } from '../../support/fakes/relay-directory.ts';
import { World } from '../../support/fakes/world.ts';

const TAB = 1;
const NOW = 1_796_083_200_000;

let world: World;
beforeEach(async () => {
  world = await World.create();
  world.browser.now = NOW;
  world.browser.addTab(TAB, 'https://shop.test/');
  // Exits cedar and douglas in the Netherlands, elm in Iceland.
  world.network.records[4]!.region = 'IS';
});

const popup = { kind: 'popup', tab: undefined } as const;
const wish = (wishes: Partial<RelayWishes>): Promise<RelaysView> =>
  handle(
    world.app.handlers,
    { type: 'relays/set-wishes', data: { wishes: { ...NO_WISHES, ...wishes } } },
    popup,
  ) as Promise<RelaysView>;
const read = (): Promise<RelaysView> =>
  handle(world.app.handlers, { type: 'relays/read', data: {} }, popup) as Promise<RelaysView>;
const stored = (key: string) => (world.browser.stored.local.get(key) as { value: unknown } | undefined)?.value;
const guards = () => (stored('guards') as { peer: string }[]).map(({ peer }) => peer);
const peerOf = (operator: string) => world.network.records.find((record) => record.operator === operator)!.peer;
/** The exits that private traffic may go to by what is in force. */
const exitsInForce = () => (world.browser.policy?.circuits ?? []).map(({ host }) => host.split('.')[1]);
const operators = async () => {
  const { circuit } = await world.look(TAB);
  return [circuit?.entry.operator, circuit?.exit.operator];
};
const goPrivate = async () => {
  await world.set(TAB, true);
  await world.until(TAB, 'private');
};
const spared = () => eventually(() => expect(exitsInForce().length).toBeGreaterThan(1));

test('a circuit and its spares are of what is wished', async () => {
  await world.start();
  await wish({ exitRegions: ['IS'] });
  await goPrivate();
  await spared();
  expect(new Set(exitsInForce())).toEqual(new Set([peerOf('elm')]));
  expect((await read()).fitting).toEqual({ entries: 2, exits: 1 });
});

test('a change gives up what breaks it before it is answered, and another is built', async () => {
  await world.start();
  await goPrivate();
  await spared();
  const [, exit] = await operators();
  await wish({ avoid: [exit!] });
  expect(exitsInForce()).not.toContain(peerOf(exit!));
  await world.until(TAB, 'private');
  expect((await operators())[1]).not.toBe(exit);
  // The line to an entry that is not used any more is ended as well.
  await world.idle();
  const [entry] = await operators();
  world.left.length = 0;
  await wish({ avoid: [entry!] });
  expect(world.left).toEqual([peerOf(entry!)]);
  await world.until(TAB, 'private');
  expect((await operators())[0]).not.toBe(entry);
});

test('what is built while the wishes change comes to nothing', async () => {
  await world.start();
  let open = (): void => undefined;
  world.gate = new Promise((resolve) => (open = resolve));
  await world.set(TAB, true);
  await eventually(() => expect(world.reached).toHaveLength(1));
  const [first] = world.reached;
  const operator = world.network.records.find(({ peer }) => peer === first)!.operator;
  const done = wish({ avoid: [operator] });
  open();
  await done;
  await world.until(TAB, 'private');
  await world.idle();
  expect((await operators())[0]).not.toBe(operator);
  expect(world.reached.slice(1)).not.toContain(first);
});

test('where none fits the tab is blocked and nobody else is tried; loosened, it goes on by itself', async () => {
  await world.start();
  await goPrivate();
  await spared();
  world.reached.length = 0;
  world.left.length = 0;
  await wish({ exitRegions: ['NZ'] });
  expect((await world.until(TAB, 'blocked')).status).toMatchObject({ why: 'no-wish' });
  expect(exitsInForce()).toEqual([]);
  // They are asked whether they know of others, and left again.
  expect(world.left).toEqual(expect.arrayContaining(world.reached));
  await wish({ exitRegions: ['NZ', 'IS'] });
  await world.until(TAB, 'private');
  expect((await operators())[1]).toBe('elm');
});

test('a price that none asks for less than is a wish that none fits', async () => {
  await world.start();
  await wish({ freeOnly: true });
  await world.set(TAB, true);
  expect((await world.until(TAB, 'blocked')).status).toMatchObject({ why: 'no-wish' });
  // 32 and 73 units a MiB are 100,136 a gigabyte.
  await wish({ maxPricePerGb: '100135' });
  expect((await world.until(TAB, 'blocked')).status).toMatchObject({ why: 'no-wish' });
  await wish({ maxPricePerGb: '100137' });
  await world.until(TAB, 'private');
});

test('guards that break a wish are not used, and are guards again when it is taken back', async () => {
  await world.start();
  await goPrivate();
  await spared();
  const before = guards();
  const [entry] = await operators();
  await wish({ avoid: [entry!] });
  await world.until(TAB, 'private');
  expect((await operators())[0]).not.toBe(entry);
  expect(guards()).toEqual(before);
});

describe('wishes that cannot be read', () => {
  test.each([
    ['damaged', { version: 1, value: { avoid: 'all of them' } }],
    ['of another version', { version: 2, value: NO_WISHES }],
  ])('%s: nothing is private before there are others, and nobody is dialled', async (_, value) => {
    world.browser.stored.local.set('relay-wishes', value);
    await world.start();
    await world.set(TAB, true);
    expect((await world.until(TAB, 'blocked')).status).toMatchObject({ why: 'wishes-lost' });
    expect(world.reached).toEqual([]);
    expect((await read()).wishes).toBe('lost');
    await wish({});
    await world.until(TAB, 'private');
  });
});

describe('with a directory', () => {
  let asked: number;
  let entries: SignedDescriptor[];
  const relays = () => stored('relays') as RelayRecord[];

  beforeEach(async () => {
    world.packaged = { payments: { network: 'devnet', rpcs: [] } };
    const listed = await createListedNetwork(4, 8, NOW);
    world.network.exits.push(...listed.exits);
    const iceland = await Promise.all(listed.exits.slice(0, 2).map((exit) => exit.change({ region: 'IS' })));
    entries = [listed.zone, ...listed.entries, ...listed.exits.slice(2)].map(({ signed }) => signed).concat(iceland);
    asked = 0;
    world.directory = async () => {
      asked += 1;
      return {
        entries,
        mark: { epoch: epoch.decode(new Uint8Array(16)), version: 1 },
        time: world.browser.now / 1000,
      };
    };
    await world.start();
    await goPrivate();
    await eventually(() => expect(relays().length).toBeGreaterThan(8));
    await eventually(() => expect(stored('directory-asked')).toBeDefined());
    await world.idle();
  });

  test('what circuits are made of is drawn anew from what is stored, by the wishes, and nobody is asked', async () => {
    const before = asked;
    const view = await wish({ exitRegions: ['IS'] });
    expect(view).toMatchObject({ all: { entries: 4, exits: 8 }, fitting: { entries: 4, exits: 2 } });
    expect(
      relays()
        .filter(({ exit }) => exit !== undefined)
        .map(({ region }) => region),
    ).toEqual(['IS', 'IS']);
    await world.until(TAB, 'private');
    expect((await world.look(TAB)).circuit?.exit.region).toBe('IS');
    expect(asked).toBe(before);
    await wish({});
    expect(relays().filter(({ exit }) => exit !== undefined).length).toBeGreaterThanOrEqual(8);
  });

  test('a list that was being drawn when the wishes changed does not stay', async () => {
    // At the moment of its write, by the directory's own job an hour later, there are other wishes.
    const { log } = world.browser;
    const push = log.push.bind(log);
    let isArmed = true;
    log.push = (...lines) => {
      if (isArmed && lines.includes('store relays')) {
        isArmed = false;
        const value = { ...NO_WISHES, exitRegions: ['IS'] };
        world.browser.stored.local.set('relay-wishes', { version: 1, value });
      }
      return push(...lines);
    };
    world.browser.now += DIRECTORY_FRESH_MS + 1000;
    await world.set(TAB, true);
    await eventually(() => expect(isArmed).toBe(false));
    const exits = () => relays().filter(({ exit }) => exit !== undefined);
    const inUse = () => exits().filter(({ peer }) => exitsInForce().includes(peer));
    await eventually(() => expect(exits().every((each) => each.region === 'IS' || inUse().includes(each))).toBe(true));
  });

  test('where none of it fits there are relays, and none that is wished', async () => {
    await wish({ exitRegions: ['NZ'] });
    expect((await world.until(TAB, 'blocked')).status).toMatchObject({ why: 'no-wish' });
    expect(exitsInForce()).toEqual([]);
  });
});

test('a full set of guards of which none fits makes room for as many as are in use, and keeps the others', async () => {
  const listed = await createListedNetwork(8, 3, NOW);
  world.network.exits.push(...listed.exits);
  const iceland = await Promise.all(listed.entries.slice(6).map((entry) => entry.change({ region: 'IS' })));
  const signed = [listed.zone, ...listed.entries.slice(0, 6), ...listed.exits].map((each) => each.signed);
  world.directory = async () => ({
    entries: [...signed, ...iceland],
    mark: { epoch: epoch.decode(new Uint8Array(16)), version: 1 },
    time: world.browser.now / 1000,
  });
  const old = listed.entries.slice(0, 6).map(({ label }) => label);
  const lives = { addedAt: NOW, expiresAt: NOW + GUARD_LIFE_MIN_MS };
  world.browser.stored.local.set('guards', { version: 1, value: old.map((peer) => ({ peer, ...lives })) });
  const [first] = listed.entries;
  const host = formatCircuitName({ address: '10.2.0.1', peer: first!.label, zone: 'zone.test' });
  const places = { addresses: [`/dns4/${host}/tcp/443/tls/ws`], names: [] };
  world.browser.stored.local.set('begin-places', { version: 1, value: places });
  world.packaged = { relays: [], payments: { network: 'devnet', rpcs: [] } };
  await world.start();
  await goPrivate();
  expect(guards()).toEqual(old);
  await wish({ entryRegions: ['IS'] });
  await world.until(TAB, 'private');
  expect((await world.look(TAB)).circuit?.entry.region).toBe('IS');
  expect(guards().slice(0, 4)).toEqual(old.slice(0, 4));
  expect(guards().length).toBeLessThanOrEqual(6);
  expect(guards()).not.toContain(old[5]);
});

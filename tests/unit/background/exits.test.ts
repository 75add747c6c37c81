// A person chooses where to leave, in the worker: the tab goes there or stays, with a word why; what is chosen outlives its exit; wishes and guards hold all the while.

import { beforeEach, describe, expect, test } from 'vitest';
import { handle } from '../../../background/handlers.ts';
import type { ExitChoice } from '../../../src/core/circuit/exit-choice.ts';
import type { ExitsView } from '../../../src/core/circuit/exits-view.ts';
import { GUARD_LIFE_MIN_MS } from '../../../src/core/circuit/guard-set.ts';
import { formatCircuitName } from '../../../src/core/tunnel/circuit-name.ts';
import { SPARE_RETRY_MS } from '../../../src/core/circuit/durations.ts';
import { NO_WISHES, type RelayWishes } from '../../../src/core/circuit/relay-wishes.ts';
import { epoch } from '../../../src/core/directory/directory.ts';
import type { RelayRecord } from '../../../src/core/directory/relay-record.ts';
import { proxiesForSite } from '../../../src/core/routing/site-routes.ts';
import { eventually } from '../../support/eventually.ts';
import { createListedNetwork } from '../../support/fakes/relay-directory.ts';
import { World } from '../../support/fakes/world.ts';

const TAB = 1;
const NOW = 1_796_083_200_000;
const SITE = 'shop.test';
const popup = { kind: 'popup', tab: undefined } as const;

let world: World;
const create = async (scope: World['scope'] = 'site'): Promise<void> => {
  world = await World.create();
  world.scope = scope;
  world.browser.now = NOW;
  world.browser.addTab(TAB, `https://www.${SITE}/`);
  // Exits cedar in the Netherlands, douglas in Switzerland, elm in Iceland.
  world.network.records[3]!.region = 'CH';
  world.network.records[4]!.region = 'IS';
};
const begin = async (scope?: World['scope']): Promise<void> => {
  await create(scope);
  await world.start();
  await world.set(TAB, true);
  await world.until(TAB, 'private');
  await world.idle();
};
const choose = (choice: ExitChoice, tab = TAB): Promise<ExitsView> =>
  handle(world.app.handlers, { type: 'exits/choose', data: { tab, choice } }, popup) as Promise<ExitsView>;
const region = (code: string, tab = TAB): Promise<ExitsView> => choose({ kind: 'region', region: code }, tab);
const read = (): Promise<ExitsView> =>
  handle(world.app.handlers, { type: 'exits/read', data: { tab: TAB } }, popup) as Promise<ExitsView>;
const wish = (wishes: Partial<RelayWishes>): Promise<unknown> =>
  handle(world.app.handlers, { type: 'relays/set-wishes', data: { wishes: { ...NO_WISHES, ...wishes } } }, popup);
const here = async (tab = TAB) => (await world.look(tab)).circuit?.exit.region;
const chosen = async () => (await world.look(TAB)).exitChoice;
const stored = (key: string) => (world.browser.stored.local.get(key) as { value: unknown } | undefined)?.value;
const peerOf = (operator: string) => world.network.records.find((record) => record.operator === operator)!.peer;
const exitsInForce = () => (world.browser.policy?.circuits ?? []).map(({ host }) => host.split('.')[1]);
const kill = (...operators: string[]): void => world.killExits(...operators.map(peerOf));
/** Something failed, and the circuits are asked. */
const asked = (): Promise<void> => world.askCircuits();
/** By which exit the site of the tab would go, each time that a policy with a circuit comes into force. */
const waysOfSite = (): string[] => {
  const ways: string[] = [];
  const { log } = world.browser;
  const push = log.push.bind(log);
  log.push = (...lines) => {
    const { circuits = [], sites } = world.browser.policy ?? {};
    const [first, ...rest] = circuits;
    if (first !== undefined && lines.some((line) => line.startsWith('apply private')))
      ways.push(proxiesForSite({ circuits, sites }, [first, ...rest], `www.${SITE}`)[0].host.split('.')[1]!);
    return push(...lines);
  };
  return ways;
};
const reloads = () => world.browser.log.filter((line) => line === `reload ${TAB}`).length;

describe('where the browser does not tell sites apart', () => {
  beforeEach(() => begin());

  test('a country is where all leave, the page is loaded again, and the popup knows it', async () => {
    for (const code of ['IS', 'CH', 'NL', 'IS']) {
      const before = reloads();
      const moves = (await here()) !== code;
      const view = await region(code);
      await world.idle();
      expect(await here()).toBe(code);
      expect(exitsInForce()[0]).toBe(peerOf({ IS: 'elm', CH: 'douglas', NL: 'cedar' }[code]!));
      expect(reloads() - before).toBe(moves ? 1 : 0);
      expect(view).toMatchObject({ isForSite: false, site: undefined, choice: { kind: 'region', region: code } });
      expect(await chosen()).toEqual({ choice: { kind: 'region', region: code }, isMet: true });
    }
    // The latest first, each once.
    expect((await read()).recent.map((each) => 'region' in each && each.region)).toEqual(['IS', 'NL', 'CH']);
  });

  test('an operator is whose exit it is', async () => {
    await choose({ kind: 'operator', region: 'CH', operator: 'douglas' });
    expect((await world.look(TAB)).circuit?.exit).toMatchObject({ operator: 'douglas', region: 'CH' });
    await expect(choose({ kind: 'operator', region: 'IS', operator: 'douglas' })).rejects.toThrow('exit-none');
    expect(await here()).toBe('CH');
  });

  test.each([
    ['where no exit is', { kind: 'region', region: 'NZ' }, {}, 'exit-none'],
    ['what the wishes do not allow', { kind: 'region', region: 'IS' }, { avoid: ['elm'] }, 'exit-wishes'],
    ['a country beside that which is wished', { kind: 'region', region: 'IS' }, { exitRegions: ['CH'] }, 'exit-wishes'],
    ['a free one where all ask for money', { kind: 'free' }, {}, 'exit-wishes'],
  ] as const)('%s is refused by name, nobody is dialled, and the tab stays', async (_, choice, wishes, code) => {
    await wish(wishes);
    await world.until(TAB, 'private');
    await world.idle();
    const [before, inForce, loads] = [await here(), exitsInForce(), reloads()];
    world.reached.length = 0;
    await expect(choose(choice)).rejects.toThrow(code);
    await world.idle();
    expect([await here(), exitsInForce(), reloads()]).toEqual([before, inForce, loads]);
    expect(world.reached).toEqual([]);
    expect(await chosen()).toBeUndefined();
    expect((await read()).recent).toEqual([]);
  });

  test('one that cannot be reached is said to be, and the tab stays on the one it has, private all the while', async () => {
    await region('NL');
    kill('elm');
    await asked();
    const loads = reloads();
    await expect(region('IS')).rejects.toThrow('exit-unreachable');
    await world.idle();
    expect([await here(), reloads()]).toEqual(['NL', loads]);
    expect((await world.look(TAB)).status.is).toBe('private');
    expect(await chosen()).toEqual({ choice: { kind: 'region', region: 'NL' }, isMet: true });
  });

  test('when it dies another takes its place, the popup says so, and the tab comes back when it is there again', async () => {
    await region('IS');
    await world.idle();
    kill('elm');
    await asked();
    expect((await world.look(TAB)).status.is).toBe('private');
    expect(exitsInForce()).not.toContain(peerOf('elm'));
    expect(exitsInForce().length).toBeGreaterThan(0);
    expect(await chosen()).toEqual({ choice: { kind: 'region', region: 'IS' }, isMet: false });
    kill();
    world.browser.elapse(SPARE_RETRY_MS + 1);
    await world.settled();
    await asked();
    await eventually(async () => expect(await here()).toBe('IS'));
    expect(await chosen()).toMatchObject({ isMet: true });
  });

  test('when it dies another of the same country is taken, where there is one', async () => {
    world.browser.stored.local.set('relays', {
      version: 2,
      value: world.network.records.map((each) => (each.operator === 'douglas' ? { ...each, region: 'IS' } : each)),
    });
    await region('IS');
    await world.idle();
    const [first] = exitsInForce();
    const operator = world.network.records.find(({ peer }) => peer === first)!.operator;
    expect(['elm', 'douglas']).toContain(operator);
    kill(operator);
    const ways = waysOfSite();
    await asked();
    // Never elsewhere in between.
    expect(ways.length).toBeGreaterThan(0);
    expect(ways).not.toContain(peerOf('cedar'));
    expect(exitsInForce()[0]).toBe(peerOf(operator === 'elm' ? 'douglas' : 'elm'));
    expect(await chosen()).toMatchObject({ isMet: true });
  });

  test('a worker that starts anew knows it, and a new identity keeps it', async () => {
    // Chosen first, so that no other way to its exit is used up before.
    await create();
    await world.start();
    await region('IS');
    await world.until(TAB, 'private');
    await world.restartWorker();
    await world.idle();
    expect(await chosen()).toMatchObject({ isMet: true });
    const [before] = world.browser.policy!.circuits;
    const ways = waysOfSite();
    await world.app.handlers['circuit/new-identity']({ tab: TAB }, popup);
    await world.idle();
    expect(new Set(ways)).toEqual(new Set([peerOf('elm')]));
    expect(world.browser.policy!.circuits[0]!.host).not.toBe(before!.host);
    expect(await here()).toBe('IS');
  });

  test('another exit leaves a country that has no other, and does not come back to it', async () => {
    await region('IS');
    await world.app.handlers['circuit/another-exit']({ tab: TAB }, popup);
    await world.idle();
    expect(await here()).not.toBe('IS');
    expect(await chosen()).toBeUndefined();
  });

  test('any exit ends it, and nothing moves', async () => {
    await region('IS');
    await world.idle();
    const loads = reloads();
    expect(await choose({ kind: 'any' })).toMatchObject({ choice: undefined, now: { region: 'IS' } });
    expect([await here(), reloads()]).toEqual(['IS', loads]);
  });

  test('the fastest is the one that answers soonest now, of those there is a circuit to', async () => {
    const waits = new Map([
      [peerOf('cedar'), 90],
      [peerOf('douglas'), 60],
      [peerOf('elm'), 20],
    ]);
    await region('NL');
    await world.idle();
    // One question after the other, so that each takes as long as its exit is far.
    let queue = Promise.resolve();
    world.answer = (url, exit) =>
      new Promise((resolve, reject) => {
        queue = queue.then(async () => {
          world.browser.now += waits.get(exit) ?? 0;
          await world.honest(url, exit).then(resolve, reject);
        });
      });
    const standing = new Set(exitsInForce());
    expect(standing.size).toBeGreaterThan(1);
    await choose({ kind: 'fastest' });
    world.answer = (url, exit) => world.honest(url, exit);
    const { circuit, exitChoice } = await world.look(TAB);
    const measured = (world.browser.stored.session.get('circuit') as { value: { circuits: { exitMs?: number }[] } })
      .value;
    const times = measured.circuits.flatMap(({ exitMs }) => exitMs ?? []);
    expect(new Set(times).size).toBeGreaterThan(1);
    expect(circuit?.exit.ms).toBe(Math.min(...times));
    expect(exitChoice).toBeUndefined();
  });

  test('of a hop only what was measured is shown: the entry at once, the exit once it was asked again', async () => {
    const { circuit } = await world.look(TAB);
    expect(circuit?.entry.ms).toBe(7);
    expect(circuit?.exit.ms).toBeUndefined();
    await asked();
    expect((await world.look(TAB)).circuit?.exit.ms).toBeGreaterThanOrEqual(0);
  });

  test('what was chosen is not on disk, what was marked is, and no guard was met for either', async () => {
    const before = stored('guards');
    await region('IS');
    await handle(world.app.handlers, { type: 'exits/mark', data: { tab: TAB, region: 'CH', wanted: true } }, popup);
    const view = await read();
    expect(view.favourites).toEqual(['CH']);
    expect(stored('favourite-exits')).toEqual(['CH']);
    expect(stored('guards')).toEqual(before);
    const onDisk = [...world.browser.stored.local].filter(([key]) => key !== 'relays' && key !== 'directory');
    expect(JSON.stringify(onDisk)).not.toContain('"IS"');
    await handle(world.app.handlers, { type: 'exits/mark', data: { tab: TAB, region: 'CH', wanted: false } }, popup);
    expect((await read()).favourites).toEqual([]);
  });
});

describe('a tab that is not private yet', () => {
  test.each(['site', 'tab'] as const)('becomes so with the choice, and its first load is there (%s)', async (scope) => {
    await create(scope);
    await world.start();
    expect(await read()).toMatchObject({ isPrivate: false, now: undefined });
    const ways = waysOfSite();
    await region('IS');
    await world.until(TAB, 'private');
    await world.idle();
    expect(await here()).toBe('IS');
    expect(new Set(ways)).toEqual(new Set([peerOf('elm')]));
    expect(await chosen()).toMatchObject({ isMet: true });
  });

  test('whose site went by another exit before never goes by that again', async () => {
    await begin('tab');
    await region('NL');
    await choose({ kind: 'any' });
    await world.set(TAB, false);
    await world.until(TAB, 'off');
    await world.idle();
    const ways = waysOfSite();
    await region('IS');
    await world.until(TAB, 'private');
    await world.idle();
    expect(new Set(ways)).toEqual(new Set([peerOf('elm')]));
  });

  test('becomes so elsewhere where none can be reached there, and the popup says so', async () => {
    await create();
    await world.start();
    kill('elm');
    await region('IS');
    await world.until(TAB, 'private');
    expect(await here()).not.toBe('IS');
    expect(await chosen()).toEqual({ choice: { kind: 'region', region: 'IS' }, isMet: false });
  });

  test('stays as it is where nothing fits, or where it shows no web page', async () => {
    await create();
    await world.start();
    await expect(region('NZ')).rejects.toThrow('exit-none');
    world.browser.addTab(2, 'about:addons');
    await expect(region('IS', 2)).rejects.toThrow('not-a-web-page');
    expect((await world.look(TAB)).status.is).toBe('off');
    expect(world.reached).toEqual([]);
  });
});

describe('where the browser tells sites apart', () => {
  beforeEach(() => begin('tab'));
  const exitOf = (host: string): string => {
    const { circuits, sites } = world.browser.policy!;
    const [first, ...rest] = circuits;
    return proxiesForSite({ circuits, sites }, [first!, ...rest], host)[0].host.split('.')[1]!;
  };
  const SITES = Array.from({ length: 20 }, (_, index) => `site-${index}.test`);

  test('a choice is for the site of the tab alone, with all of its hosts', async () => {
    const before = SITES.map(exitOf);
    for (const code of ['IS', 'CH', 'NL']) {
      expect(await region(code)).toMatchObject({ isForSite: true, site: SITE });
      await world.idle();
      const peer = peerOf({ IS: 'elm', CH: 'douglas', NL: 'cedar' }[code]!);
      expect([exitOf(SITE), exitOf(`cdn.${SITE}`)]).toEqual([peer, peer]);
      expect(SITES.map(exitOf)).toEqual(before);
      expect(await here()).toBe(code);
    }
  });

  test('when its exit dies the site goes by another, and comes back; other sites are not moved for it', async () => {
    await region('IS');
    await world.idle();
    kill('elm');
    await asked();
    expect(exitOf(SITE)).not.toBe(peerOf('elm'));
    expect(await chosen()).toMatchObject({ isMet: false });
    kill();
    world.browser.elapse(SPARE_RETRY_MS + 1);
    await asked();
    await eventually(async () => expect(exitOf(SITE)).toBe(peerOf('elm')));
    expect(await chosen()).toMatchObject({ isMet: true });
  });

  test('a new identity keeps it, and it is nowhere on disk', async () => {
    await region('IS');
    await world.app.handlers['circuit/new-identity']({ tab: TAB }, popup);
    await world.idle();
    expect(exitOf(SITE)).toBe(peerOf('elm'));
    expect(JSON.stringify([...world.browser.stored.local.values()])).not.toContain(SITE);
  });

  test('a tab that shows no site has none to choose for', async () => {
    world.browser.addTab(2, 'about:blank');
    await expect(region('IS', 2)).rejects.toThrow('exit-no-site');
  });
});

test('where relays tell of entries alone, the exits of before are still there to choose', async () => {
  await create();
  world.packaged = { payments: { network: 'devnet', rpcs: [] } };
  const listed = await createListedNetwork(2, 1, NOW);
  world.directory = async () => ({
    entries: listed.entries.map(({ signed }) => signed),
    mark: { epoch: epoch.decode(new Uint8Array(16)), version: 1 },
    time: world.browser.now / 1000,
  });
  await world.start();
  await world.set(TAB, true);
  await world.until(TAB, 'private');
  await eventually(() => expect(stored('directory-asked')).toBeDefined());
  await world.idle();
  expect((await read()).places.map(({ region: at, exits }) => [at, exits])).toEqual([
    ['CH', 1],
    ['IS', 1],
    ['NL', 1],
  ]);
  await region('IS');
  expect(await here()).toBe('IS');
});

/** Sixty exits, the last one of them in New Zealand; the first two entries are guards. */
const beginLarge = async (entryCount: number, scope?: World['scope']): Promise<string> => {
  await create(scope);
  world.packaged = { relays: [], payments: { network: 'devnet', rpcs: [] } };
  const listed = await createListedNetwork(entryCount, 60, NOW);
  world.network.exits.push(...listed.exits);
  const rare = await listed.exits[59]!.change({ region: 'NZ' });
  const entries = [listed.zone, ...listed.entries, ...listed.exits.slice(0, 59)].map(({ signed }) => signed);
  world.directory = async () => ({
    entries: [...entries, rare],
    mark: { epoch: epoch.decode(new Uint8Array(16)), version: 1 },
    time: world.browser.now / 1000,
  });
  const lives = { addedAt: NOW, expiresAt: NOW + GUARD_LIFE_MIN_MS };
  const value = listed.entries.slice(0, 2).map(({ label }) => ({ peer: label, ...lives }));
  world.browser.stored.local.set('guards', { version: 1, value });
  const host = formatCircuitName({ address: '10.2.0.1', peer: listed.entries[0]!.label, zone: 'zone.test' });
  const places = { addresses: [`/dns4/${host}/tcp/443/tls/ws`], names: [] };
  world.browser.stored.local.set('begin-places', { version: 1, value: places });
  await world.start();
  await world.set(TAB, true);
  await world.until(TAB, 'private');
  await eventually(() => expect(stored('directory-asked')).toBeDefined());
  await world.idle();
  return listed.exits[59]!.label;
};

test('where every guard fails on the way to the chosen exit no further entry is met for it', async () => {
  const rare = await beginLarge(4);
  const guards = stored('guards');
  expect(guards).toHaveLength(2);
  world.answer = (url, exit) => (exit === rare ? Promise.reject(new Error('gone')) : world.honest(url, exit));
  const before = await here();
  await expect(region('NZ')).rejects.toThrow('exit-unreachable');
  await world.idle();
  expect(stored('guards')).toEqual(guards);
  expect(await here()).toBe(before);
});

test('of a large directory an exit is found that is not in the short list, and by a guard that there was', async () => {
  await beginLarge(2);
  const isShort = () => !(stored('relays') as RelayRecord[]).some(({ region: at }) => at === 'NZ');
  // `draw` is 0: of each entry the first two dozen are drawn.
  expect(isShort()).toBe(true);
  expect((await read()).places.find(({ region: at }) => at === 'NZ')).toMatchObject({ exits: 1 });
  const guards = stored('guards');
  await region('NZ');
  expect(await here()).toBe('NZ');
  expect(isShort()).toBe(false);
  expect(stored('guards')).toEqual(guards);
});

test('so is one for a country that a rule for a site names, and no further entry is met for it', async () => {
  await beginLarge(2, 'tab');
  const guards = stored('guards');
  const data = { host: SITE, mode: 'exit', exit: 'NZ' } as const;
  await handle(world.app.handlers, { type: 'sites/set-rule', data }, popup);
  await eventually(async () => expect(await here()).toBe('NZ'));
  expect(await chosen()).toEqual({ choice: { kind: 'region', region: 'NZ' }, isMet: true });
  expect(stored('guards')).toEqual(guards);
});

// Sites of private tabs are spread over exits where the browser tells sites apart, each stays with its own, and another exit is one for a single site.

import { beforeEach, describe, expect, test } from 'vitest';
import { PROBE_MS } from '../../../src/core/circuit/durations.ts';
import { slotOf } from '../../../src/core/circuit/site-exits.ts';
import type { SiteRoutes } from '../../../src/core/routing/policy.ts';
import { proxiesForSite } from '../../../src/core/routing/site-routes.ts';
import { World } from '../../support/fakes/world.ts';

const TAB = 1;
const SITE = 'shop.test';
const popup = { kind: 'popup', tab: undefined } as const;

let world: World;
const begin = async (scope: World['scope']): Promise<void> => {
  world = await World.create();
  world.scope = scope;
  world.browser.addTab(TAB, `https://www.${SITE}/`);
  await world.start();
  await world.set(TAB, true);
  await world.until(TAB, 'private');
  await world.idle();
};
const routes = (): SiteRoutes => world.browser.policy!.sites!;
const exitAt = (index: number): string => world.browser.policy!.circuits[index]!.host.split('.')[1]!;
/** By which exit a host of a page goes. */
const exitOf = (host: string): string => proxyOf(host).split('.')[1]!;
const entryOf = (host: string): string => world.entryOf(`https://${proxyOf(host)}/`)!;
const proxyOf = (host: string): string => {
  const { circuits, sites } = world.browser.policy!;
  const [first, ...rest] = circuits;
  return proxiesForSite({ circuits, sites }, [first!, ...rest], host)[0].host;
};
const SITES = Array.from({ length: 30 }, (_, index) => `site-${index}.test`);
const anotherExit = () => world.app.handlers['circuit/another-exit']({ tab: TAB }, popup);

describe('where the browser tells sites apart', () => {
  beforeEach(() => begin('tab'));

  test('there is a circuit to as many exits as there are, and sites are spread over all', () => {
    const exits = new Set(SITES.map(exitOf));
    expect(exits).toEqual(new Set(world.network.exits.map(({ label }) => label)));
  });

  test('a site stays with its exit, also in a worker that starts anew', async () => {
    const before = SITES.map(exitOf);
    await world.restartWorker();
    await world.idle();
    expect(SITES.map(exitOf)).toEqual(before);
  });

  test('one entry sees all of it and is paid; when it dies the other leads to the same exits', async () => {
    // A slot for which no exit is left goes by the first, whichever that is.
    const own = SITES.filter((site) => exitOf(site) !== exitAt(0));
    const before = own.map(exitOf);
    expect(new Set(before).size).toBe(2);
    const entries = new Set(SITES.map(entryOf));
    expect(entries.size).toBe(1);
    const [entry] = entries;
    world.answer = (url, exit) =>
      world.entryOf(url) === entry ? Promise.reject(new Error('gone')) : world.honest(url, exit);
    world.entryLost(entry!);
    await world.idle();
    expect(SITES.map(entryOf)).not.toContain(entry);
    expect(own.map(exitOf)).toEqual(before);
  });

  test('another exit is for the site of the tab alone, and the popup shows it', async () => {
    const before = SITES.map(exitOf);
    const own = exitOf(SITE);
    await anotherExit();
    await world.idle();
    expect(exitOf(SITE)).not.toBe(own);
    expect(exitOf(`cdn.${SITE}`)).toBe(exitOf(SITE));
    expect(SITES.map(exitOf)).toEqual(before);
    const { circuit, exitIsForSite } = await world.look(TAB);
    const { operator } = world.network.records.find(({ peer }) => peer === exitOf(SITE))!;
    expect([circuit?.exit.operator, exitIsForSite]).toEqual([operator, true]);
    expect(world.browser.log).toContain(`reload ${TAB}`);
  });

  test('another exit, again and again, finds one that the site has not just had', async () => {
    for (let times = 0; times < 5; times += 1) {
      const before = exitOf(SITE);
      await anotherExit();
      await world.idle();
      expect(exitOf(SITE)).not.toBe(before);
    }
  });

  test('an exit that dies takes its sites to another, and no others', async () => {
    const dead = exitOf(SITE);
    const others = SITES.filter((site) => exitOf(site) !== dead);
    const before = others.map(exitOf);
    world.answer = (url, exit) => (exit === dead ? Promise.reject(new Error('gone')) : world.honest(url, exit));
    await world.app.handlers['circuit/try-again']({ tab: TAB }, popup);
    world.entryLost(world.network.entries[0]!.label);
    await world.idle();
    expect(exitOf(SITE)).not.toBe(dead);
    expect(others.map(exitOf)).toEqual(before);
    expect(routes().slots.map(exitAt)).not.toContain(dead);
  });

  test('one that is silent is not waited for, though the first of the list answers', async () => {
    const { circuits } = world.browser.policy!;
    const silent = circuits[1]!.host.split('.')[1]!;
    world.answer = (url, exit) => (exit === silent ? new Promise(() => undefined) : world.honest(url, exit));
    world.entryLost(world.network.entries[1]!.label);
    await world.idle();
    world.browser.elapse(PROBE_MS);
    await world.idle();
    expect(SITES.map(exitOf)).not.toContain(silent);
    expect((await world.look(TAB)).status.is).toBe('private');
  });

  test('a new identity spreads sites anew, and forgets which were moved', async () => {
    await anotherExit();
    const before = routes();
    await world.app.handlers['circuit/new-identity']({ tab: TAB }, popup);
    await world.idle();
    expect(routes().secret).not.toBe(before.secret);
    expect(routes().own).toEqual({});
  });

  test('nothing of it is on disk', async () => {
    await anotherExit();
    await world.idle();
    expect(JSON.stringify([...world.browser.stored.session.values()])).toContain(`"${SITE}"`);
    expect(JSON.stringify([...world.browser.stored.local.values()])).not.toContain(SITE);
  });
});

test('a page that came by the first exit, while there was none of its own, is not torn from it when there is', async () => {
  world = await World.create();
  world.scope = 'tab';
  world.browser.addTab(TAB, `https://www.${SITE}/`);
  await world.start();
  const others = Promise.withResolvers<undefined>();
  let first: string | undefined;
  world.answer = async (url, exit) => {
    first ??= exit;
    if (exit !== first) await others.promise;
    return world.honest(url, exit);
  };
  await world.set(TAB, true);
  await world.until(TAB, 'private');
  const slot = (site: string): number => slotOf(routes(), site);
  const asked = SITES.find((site) => slot(site) !== slot(SITE))!;
  // The events of the tab may be worked off much later, and then it may be on another page.
  world.app.events.requesting({ tab: TAB, url: `https://www.${asked}/` });
  others.resolve(undefined);
  await world.idle();
  expect(exitOf(asked)).toBe(first);
  expect(new Set(SITES.map(exitOf)).size).toBeGreaterThan(1);
});

describe('where it does not', () => {
  beforeEach(() => begin('site'));

  test('all sites go by one exit, and another exit is for all', async () => {
    expect(world.browser.policy!.sites).toBeUndefined();
    const before = exitAt(0);
    await anotherExit();
    await world.idle();
    expect(exitAt(0)).not.toBe(before);
    expect((await world.look(TAB)).exitIsForSite).toBe(false);
    expect(world.browser.stored.session.has('site-exits')).toBe(false);
  });
});

// The worker dies, at any moment; a new one on the same browser takes up where it was. The browser restarts; nothing private is forgotten.

import { beforeEach, describe, expect, test } from 'vitest';
import { World } from '../../support/fakes/world.ts';

const TAB = 1;
const OTHER = 2;

let world: World;
beforeEach(async () => {
  world = await World.create();
  world.browser.addTab(TAB, 'https://shop.test/cart');
  world.browser.addTab(OTHER, 'https://news.test/');
  await world.start();
});

describe('a worker that dies', () => {
  test('with a private tab comes back to the same policy and the same green badge', async () => {
    await world.set(TAB, true);
    await world.until(TAB, 'private');
    world.app.events.committed({ tab: TAB, url: 'https://frame.test/', isMain: false, at: 0 });
    await world.settled();
    const policy = structuredClone(world.browser.policy);
    const snapshot = await world.look(TAB);

    world.browser.badges.clear();
    await world.restartWorker();
    expect(world.browser.policy).toEqual(policy);
    expect(await world.look(TAB)).toEqual(snapshot);
    expect(world.browser.badges.get(TAB)).toBe('private');
    expect(world.browser.log.filter((line) => line === `reload ${TAB}`)).toHaveLength(1);
  });

  test('with no private tab comes back to steering nothing', async () => {
    await world.restartWorker();
    expect(world.browser.policy?.active).toBe(false);
    expect((await world.look(TAB)).status.is).toBe('off');
  });

  test('while it was connecting goes on, and reloads the tab then', async () => {
    world.gate = new Promise(() => undefined);
    await world.set(TAB, true);
    expect(world.browser.log).not.toContain(`reload ${TAB}`);
    world.kill();
    world.gate = Promise.resolve();
    await world.start();
    await world.until(TAB, 'private');
    expect(world.browser.log).toContain(`reload ${TAB}`);
  });

  test('asks the exit again when its last answer is older than a minute', async () => {
    await world.set(TAB, true);
    await world.until(TAB, 'private');
    let asked = 0;
    world.answer = (url, exit) => {
      asked += 1;
      return world.honest(url, exit);
    };
    await world.idle();
    asked = 0;
    await world.restartWorker();
    await world.settled();
    expect(asked).toBe(0);
    world.browser.now += 61_000;
    const before = world.reached.length;
    await world.restartWorker();
    await world.until(TAB, 'private');
    // The one in use and its spares.
    await expect.poll(() => asked).toBe(3);
    await expect.poll(() => world.reached.length).toBeGreaterThan(before);
  });

  test('at any write of a toggle leaves nothing half done', async () => {
    // Where it is killed is counted in things that it did to the browser.
    for (let killAt = 1; killAt < 25; killAt++) {
      const each = await World.create();
      each.browser.addTab(TAB, 'https://shop.test/cart');
      each.browser.addTab(OTHER, 'https://news.test/');
      await each.start();
      const { log } = each.browser;
      const from = log.length;
      const push = log.push.bind(log);
      log.push = (...lines) => {
        const length = push(...lines);
        if (length === from + killAt) each.kill();
        return length;
      };
      void each.set(TAB, true).catch(() => undefined);
      await new Promise((resolve) => setTimeout(resolve, 5));
      log.push = push;
      await each.restartWorker();
      // The click may be lost with the worker; what was stored of it never is.
      const stored = each.browser.stored.session.get('tabs') as { value: { tabs: Record<string, { mode: string }> } };
      const isPrivate = stored.value.tabs[TAB]?.mode === 'private';
      await each.until(TAB, isPrivate ? 'private' : 'off');
      expect(each.browser.policy?.active).toBe(isPrivate);
      if (isPrivate) expect(log).toContain(`reload ${TAB}`);
      if (isPrivate) expect(each.browser.stored.local.get('private-at-last')).toEqual({ version: 1, value: true });
    }
  });

  test('forgets tabs that closed while nobody looked', async () => {
    await world.set(TAB, true);
    await world.until(TAB, 'private');
    world.kill();
    world.browser.open.delete(TAB);
    await world.start();
    expect(world.browser.policy).toMatchObject({ privateTabs: [] });
    world.browser.fire('end-of-lingering');
    await world.settled();
    expect(world.browser.policy).toMatchObject({ active: false });
  });
});

describe('a browser that restarts', () => {
  test('with private tabs before makes every restored tab private (I7)', async () => {
    await world.set(TAB, true);
    await world.until(TAB, 'private');
    world.kill();
    world.browser.restart([
      { id: 11, url: 'https://shop.test/cart' },
      { id: 12, url: 'https://news.test/' },
    ]);
    world.browser.log.length = 0;
    await world.start();
    expect(world.browser.policy).toMatchObject({ active: true, privateTabs: [11, 12], normalTabs: [] });
    // A tab that comes a moment later is a restored one too.
    world.app.events.created(world.browser.addTab(13, 'https://bank.test/'));
    await world.until(13, 'private');
    expect(world.browser.log).toEqual(expect.arrayContaining(['reload 11', 'reload 12', 'reload 13']));
    expect(world.browser.log).not.toContain('apply inactive');
  });

  test('stays steered while its tabs are not there yet', async () => {
    await world.set(TAB, true);
    await world.until(TAB, 'private');
    world.kill();
    world.browser.restart([]);
    await world.start();
    expect(world.browser.policy?.active).toBe(true);
    world.browser.fire('end-of-restore');
    await expect.poll(() => world.browser.policy?.active).toBe(false);
  });

  test('with none before leaves them normal', async () => {
    world.kill();
    world.browser.restart([{ id: 11, url: 'https://shop.test/' }]);
    await world.start();
    expect(world.browser.policy).toMatchObject({ active: false, privateTabs: [] });
    expect(world.browser.log.filter((line) => line.startsWith('reload'))).toEqual([]);
  });

  test('knows it also when its last window closed with the private tab in it', async () => {
    await world.set(TAB, true);
    await world.until(TAB, 'private');
    world.browser.log.length = 0;
    world.browser.open.clear();
    world.app.events.removed(TAB);
    world.app.events.removed(OTHER);
    await world.settled();
    expect(world.browser.log).not.toContain('apply inactive');
    world.kill();
    world.browser.restart([{ id: 11, url: 'https://shop.test/cart' }]);
    await world.start();
    await world.until(11, 'private');
  });

  test('and a browser that only closed that tab is let go half a minute later', async () => {
    await world.set(TAB, true);
    await world.until(TAB, 'private');
    world.browser.open.delete(TAB);
    world.app.events.removed(TAB);
    await world.settled();
    expect(world.browser.policy?.active).toBe(true);
    world.browser.fire('end-of-lingering');
    await expect.poll(() => world.browser.policy?.active).toBe(false);
    expect(world.browser.stored.local.get('private-at-last')).toEqual({ version: 1, value: false });
  });
});

describe('damaged storage', () => {
  test('of the tabs makes every tab private', async () => {
    world.kill();
    world.browser.stored.session.set('tabs', { version: 1, value: { tabs: { 1: { mode: 'nonsense' } } } });
    await world.start();
    expect(world.browser.policy).toMatchObject({ active: true, privateTabs: [TAB, OTHER] });
    expect(world.reports).toMatchObject([{ name: 'CellError', code: 'damaged', key: 'tabs' }]);
  });

  test.each([
    ['rubbish', { version: 1, value: { tabs: { 1: { mode: 'nonsense' } } } }],
    ['another version', { version: 99, value: {} }],
    ['nothing at all', undefined],
  ])('of the tabs under a living worker, %s, keeps what was private steered', async (_what, rubbish) => {
    await world.set(TAB, true);
    await world.until(TAB, 'private');
    world.browser.log.length = 0;
    if (rubbish === undefined) world.browser.stored.session.delete('tabs');
    else world.browser.stored.session.set('tabs', rubbish);
    world.app.events.navigating({ tab: TAB, url: 'https://shop.test/pay', isMain: true, at: 1 });
    await world.until(TAB, 'private');
    await world.idle();
    expect(world.browser.log).not.toContain('apply inactive');
    expect(world.browser.policy).toMatchObject({ active: true, privateTabs: [TAB, OTHER] });
  });

  test('of the flag does so in a new browser session', async () => {
    world.kill();
    world.browser.restart([{ id: 11, url: 'https://shop.test/' }]);
    world.browser.stored.local.set('private-at-last', 'yes');
    await world.start();
    expect(world.browser.policy).toMatchObject({ active: true, privateTabs: [11] });
  });

  test('of the circuit builds a new one, and of the relays blocks', async () => {
    await world.set(TAB, true);
    await world.until(TAB, 'private');
    world.kill();
    world.browser.stored.session.set('circuit', { version: 1, value: { at: 'verified' } });
    await world.start();
    await world.until(TAB, 'private');

    world.kill();
    world.browser.stored.session.delete('circuit');
    world.browser.stored.local.set('relays', { version: 1, value: [{ peer: 'x' }] });
    await world.start();
    expect((await world.until(TAB, 'blocked')).status).toMatchObject({ why: 'no-relays' });
    expect(world.browser.policy?.circuits).toEqual([]);
  });
});

describe('full storage', () => {
  test('on disk blocks a tab that becomes private, rather than to leave it direct', async () => {
    world.browser.full.add('local');
    await world.set(TAB, true).catch(() => undefined);
    await world.idle();
    expect(world.browser.policy).toMatchObject({ active: true, privateTabs: [TAB], circuits: [] });
    expect(world.browser.badges.get(TAB)).not.toBe('private');
    world.browser.full.clear();
    await world.set(TAB, false);
    await world.set(TAB, true);
    await world.until(TAB, 'private');
    expect(world.browser.stored.local.get('private-at-last')).toEqual({ version: 1, value: true });
  });

  test('on disk is tried again after a while, and not by every event', async () => {
    world.browser.full.add('local');
    await world.set(TAB, true).catch(() => undefined);
    await world.idle();
    world.reached.length = 0;
    const before = world.reports.length;
    for (let event = 0; event < 20; event += 1) {
      world.app.events.navigating({ tab: TAB, url: `https://shop.test/${event}`, isMain: true, at: 0 });
      await world.idle();
    }
    // Each event finds the disk full by itself once; none begins to build.
    expect(world.reports.length - before).toBeLessThanOrEqual(20);
    world.browser.full.clear();
    world.browser.fire('retry-circuit');
    await world.until(TAB, 'private');
  });

  test('in memory refuses the click, and keeps what was private', async () => {
    await world.set(TAB, true);
    await world.until(TAB, 'private');
    world.browser.full.add('session');
    await expect(world.set(OTHER, true)).rejects.toThrow();
    await world.idle();
    expect(world.browser.policy).toMatchObject({ active: true, privateTabs: [TAB] });
    expect(world.browser.badges.get(TAB)).toBe('private');
    expect(world.browser.badges.get(OTHER)).not.toBe('private');
  });
});

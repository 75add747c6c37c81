// Tabs that are private before their first request: from a link, by the keyboard, in a container of their own.

import { beforeEach, describe, expect, test } from 'vitest';
import { handle } from '../../../background/handlers.ts';
import { World } from '../../support/fakes/world.ts';

const TAB = 1;
const OTHER = 2;
/** The first tab that the fake browser opens. */
const NEW = 100;
const LINK = 'https://bank.test/login';

let world: World;
beforeEach(async () => {
  world = await World.create();
  world.browser.addTab(TAB, 'https://shop.test/');
  world.browser.addTab(OTHER, 'https://news.test/');
});

const at = (line: string): number => world.browser.log.findIndex((each) => each.startsWith(line));

describe('a link opened in a private tab', () => {
  beforeEach(async () => {
    await world.start();
  });

  test('is loaded when the tab is private and its circuit is checked, and not before', async () => {
    world.app.openPrivate({ url: LINK, beside: TAB, container: false });
    await expect.poll(() => world.browser.log).toContain(`load ${NEW} ${LINK}`);
    const order = [
      at(`open ${NEW} beside ${TAB}`),
      at(`apply private=${NEW} no circuit`),
      at(`apply private=${NEW} circuit`),
      at(`load ${NEW} ${LINK}`),
    ];
    expect(order).not.toContain(-1);
    expect(order).toEqual([...order].sort((a, b) => a - b));
    expect(world.browser.badges.get(NEW)).not.toBe('private');
    world.app.events.committed({ tab: NEW, url: LINK, isMain: true, at: world.browser.now });
    await world.until(NEW, 'private');
    expect(world.browser.log.filter((line) => line.startsWith('load'))).toHaveLength(1);
    expect(world.browser.log.filter((line) => line.startsWith('reload'))).toEqual([]);
  });

  test('stays private when the browser tells of the new tab later than it answers', async () => {
    world.app.openPrivate({ url: LINK, beside: TAB, container: false });
    await expect.poll(() => world.browser.log).toContain(`load ${NEW} ${LINK}`);
    world.app.events.created(world.browser.open.get(NEW)!);
    world.app.events.committed({ tab: NEW, url: 'about:blank', isMain: true, at: 0 });
    await world.idle();
    expect(world.browser.policy).toMatchObject({ privateTabs: [NEW], normalTabs: [TAB, OTHER] });
  });

  test('takes its host away from what goes direct before it is loaded', async () => {
    // An entry that never answers: there is all the time to look.
    world.gate = new Promise(() => undefined);
    world.app.openPrivate({ url: 'https://news.test/story', beside: TAB, container: false });
    await expect.poll(() => world.browser.policy?.privateHosts).toContain('news.test');
    expect(at('load')).toBe(-1);
  });

  test('waits on its blank page while there is no circuit, also over the death of the worker', async () => {
    for (const entry of world.network.entries) world.dead.add(entry.label);
    world.app.openPrivate({ url: LINK, beside: TAB, container: false });
    await world.until(NEW, 'blocked');
    await world.restartWorker();
    expect(at('load')).toBe(-1);
    world.dead.clear();
    const message = { type: 'circuit/try-again' as const, data: { tab: NEW } };
    await handle(world.app.handlers, message, { kind: 'popup', tab: undefined });
    await expect.poll(() => world.browser.log).toContain(`load ${NEW} ${LINK}`);
  });

  test('without a link is a blank private tab', async () => {
    world.app.openPrivate({ url: undefined, beside: undefined, container: false });
    await expect.poll(() => world.browser.badges.get(NEW)).toBe('private');
    expect(at('load')).toBe(-1);
  });
});

describe('a private tab in a container of its own', () => {
  const CONTAINER = 'firefox-container-1';
  const open = async (): Promise<void> => {
    const message = { type: 'tab/open-private' as const, data: { tab: TAB, container: true } };
    await handle(world.app.handlers, message, { kind: 'popup', tab: undefined });
  };
  beforeEach(async () => {
    world.browser.hasContainers = true;
    await world.start();
  });

  test('has a container that is known before the tab is open, and private as a whole', async () => {
    await open();
    const { log } = world.browser;
    expect(log.indexOf(`create ${CONTAINER}`)).toBeLessThan(log.indexOf('store containers'));
    expect(log.indexOf('store containers')).toBeLessThan(at(`open ${NEW}`));
    const { scope, status } = await world.until(NEW, 'private');
    expect([scope, status.is]).toEqual(['container', 'private']);
    expect(world.browser.policy?.containers).toEqual([CONTAINER]);
  });

  test('takes every tab that comes into the container, and none of them can be ended alone', async () => {
    await open();
    await world.until(NEW, 'private');
    world.browser.addTab(7, 'https://moved.test/', { container: CONTAINER });
    await world.set(OTHER, true);
    expect((await world.until(7, 'private')).scope).toBe('container');
    expect(world.browser.log).toContain('reload 7');
    await expect(world.set(7, false)).rejects.toMatchObject({ code: 'always-private' });
    await expect(world.set(NEW, false)).rejects.toMatchObject({ code: 'always-private' });
  });

  test('goes with its last tab, and not before', async () => {
    await open();
    world.browser.addTab(7, 'https://moved.test/', { container: CONTAINER });
    world.browser.open.delete(NEW);
    world.app.events.removed(NEW);
    await world.idle();
    expect(world.browser.containers).toContain(CONTAINER);
    world.browser.open.delete(7);
    world.app.events.removed(7);
    await world.idle();
    expect(world.browser.containers.size).toBe(0);
    expect(world.browser.policy?.containers).toEqual([]);
  });

  test('that was left behind is removed when no tab can come back into it any more', async () => {
    await open();
    await world.until(NEW, 'private');
    world.browser.restart([{ id: 31, url: 'https://shop.test/' }]);
    await world.restartWorker();
    expect(world.browser.containers).toContain(CONTAINER);
    // Session restore brings one of its tabs back after all.
    const tab = world.browser.addTab(32, 'https://bank.test/', { container: CONTAINER });
    world.app.events.created(tab);
    await world.idle();
    world.browser.fire('end-of-restore');
    await world.idle();
    expect((await world.look(32)).scope).toBe('container');
    world.browser.open.delete(32);
    world.app.events.removed(32);
    await world.idle();
    expect(world.browser.containers.size).toBe(0);
  });

  test('cannot be had where the person turned containers off, and says so', async () => {
    world.browser.containersOff = true;
    await expect(open()).rejects.toMatchObject({ code: 'containers-off' });
    expect(at('open')).toBe(-1);
    expect(world.browser.policy?.active).toBe(false);
  });
});

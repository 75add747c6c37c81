// A tab opened from a private tab is private; a tab out of nowhere is unknown until it is known to be normal.

import { beforeEach, describe, expect, test } from 'vitest';
import { World } from '../../support/fakes/world.ts';

const TAB = 1;
const OTHER = 2;
const NEW = 3;

let world: World;
beforeEach(async () => {
  world = await World.create();
  world.browser.addTab(TAB, 'https://shop.test/');
  world.browser.addTab(OTHER, 'https://news.test/');
  await world.start();
  await world.set(TAB, true);
  await world.until(TAB, 'private');
});

const open = (opener: number | undefined, pendingUrl?: string): void =>
  world.app.events.created(world.browser.addTab(NEW, '', { opener, pendingUrl }));

describe('a new tab', () => {
  test('opened from a private one is private from its first request', async () => {
    open(TAB, 'https://bank.test/');
    await world.settled();
    expect(world.browser.policy).toMatchObject({ privateTabs: [TAB, NEW], normalTabs: [OTHER] });
    expect(world.browser.policy?.privateHosts).toContain('bank.test');
    expect((await world.until(NEW, 'private')).status.is).toBe('private');
  });

  test('opened from a private one by an extension, which Chrome says only when it is asked, is private too', async () => {
    const event = world.browser.addTab(NEW, '', { pendingUrl: 'https://bank.test/' });
    world.browser.addTab(NEW, '', { pendingUrl: 'https://bank.test/', opener: TAB });
    world.app.events.created(event);
    world.app.events.committed({ tab: NEW, url: 'https://bank.test/', isMain: true, at: 0 });
    await world.settled();
    expect(world.browser.policy).toMatchObject({ privateTabs: [TAB, NEW], normalTabs: [OTHER] });
  });

  test('opened from a normal one is normal at once', async () => {
    open(OTHER);
    await world.settled();
    expect(world.browser.policy?.normalTabs).toEqual([OTHER, NEW]);
  });

  test('out of nowhere is in neither list until its first page is there', async () => {
    open(undefined);
    await world.settled();
    expect(world.browser.policy).toMatchObject({ privateTabs: [TAB], normalTabs: [OTHER] });
    world.app.events.navigating({ tab: NEW, url: 'https://blog.test/', isMain: true, at: 0 });
    await world.settled();
    expect(world.browser.policy?.normalTabs).toEqual([OTHER]);
    world.app.events.committed({ tab: NEW, url: 'https://blog.test/', isMain: true, at: 0 });
    await world.settled();
    expect(world.browser.policy?.normalTabs).toEqual([OTHER, NEW]);
  });

  test('in a window of its own is private when a private page opened it', async () => {
    open(undefined, 'https://bank.test/');
    world.app.events.openedBy(NEW, TAB);
    world.app.events.committed({ tab: NEW, url: 'https://bank.test/', isMain: true, at: 0 });
    await world.settled();
    expect(world.browser.policy?.privateTabs).toEqual([TAB, NEW]);
    expect(world.browser.log).not.toContain(`reload ${NEW}`);
  });

  test('that was taken for normal too early is loaded again as private', async () => {
    open(undefined);
    world.app.events.committed({ tab: NEW, url: 'about:blank', isMain: true, at: 0 });
    world.app.events.openedBy(NEW, TAB);
    await world.until(NEW, 'private');
    expect(world.browser.log).toContain(`reload ${NEW}`);
  });

  test('whose first page fails is a normal one, and gets another try', async () => {
    open(undefined);
    world.app.events.failed({ tab: NEW, url: 'https://news.test/x', isMain: true, at: 0, cause: 'blocked' });
    await expect.poll(() => world.browser.log).toContain(`load ${NEW} https://news.test/x`);
    expect(world.browser.policy?.normalTabs).toEqual([OTHER, NEW]);
  });

  test('whose first load is given up stays unknown, and is not sent back to it', async () => {
    open(undefined);
    world.browser.log.length = 0;
    world.app.events.failed({ tab: NEW, url: 'https://news.test/x', isMain: true, at: 0, cause: 'other' });
    await world.idle();
    expect(world.browser.log.filter((line) => line.startsWith('load'))).toEqual([]);
    expect(world.browser.policy?.normalTabs).toEqual([OTHER]);
  });

  test('that brings back a closed private page is private', async () => {
    world.app.events.committed({ tab: TAB, url: 'https://shop.test/secret', isMain: true, at: 0 });
    await world.set(OTHER, true);
    world.browser.open.delete(TAB);
    world.app.events.removed(TAB);
    open(undefined, 'https://shop.test/secret');
    await world.settled();
    expect(world.browser.policy?.privateTabs).toEqual([OTHER, NEW]);
  });

  test('is normal while nothing is private', async () => {
    await world.set(TAB, false);
    open(TAB);
    await world.settled();
    await world.set(TAB, true);
    expect(world.browser.policy).toMatchObject({ privateTabs: [TAB], normalTabs: [OTHER, NEW] });
  });
});

test('a tab that takes the place of a private one is private', async () => {
  world.browser.open.delete(TAB);
  world.browser.addTab(9, 'https://shop.test/');
  world.app.events.replaced(TAB, 9);
  await world.settled();
  expect(world.browser.policy?.privateTabs).toEqual([9]);
});

test('the badge is drawn again after the browser dropped it with the page', async () => {
  world.browser.log.length = 0;
  world.app.events.committed({ tab: TAB, url: 'https://shop.test/next', isMain: true, at: 0 });
  await world.settled();
  expect(world.browser.log).toContain(`badge ${TAB} private`);
});

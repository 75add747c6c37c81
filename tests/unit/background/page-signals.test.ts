// What private tabs tell their sites, and the mark: as true as the badge, and never in the way of what protects.

import { beforeEach, expect, test } from 'vitest';
import { World } from '../../support/fakes/world.ts';

const TAB = 1;
const OTHER = 2;

let world: World;
beforeEach(async () => {
  world = await World.create();
  world.browser.addTab(TAB, 'https://shop.test/');
  world.browser.addTab(OTHER, 'https://news.test/');
  await world.start();
});

test('sites are asked for privacy before the tab is loaded again, and no longer than it is private', async () => {
  let askedAtReload: readonly number[] | undefined;
  const { documentCame } = world.browser;
  world.browser.documentCame = (tab) => {
    askedAtReload ??= world.browser.announced?.privateTabs;
    documentCame(tab);
  };
  await world.set(TAB, true);
  await world.until(TAB, 'private');
  expect(askedAtReload).toEqual([TAB]);
  expect(world.browser.announced?.normalTabs).toEqual([OTHER]);
  await world.set(TAB, false);
  await world.idle();
  expect(world.browser.announced).toBeUndefined();
});

test('documents of private tabs are told as they come, those of normal ones never', async () => {
  world.app.documentCame(TAB, 0);
  await world.set(TAB, true);
  await world.until(TAB, 'private');
  world.app.documentCame(TAB, 0);
  world.app.documentCame(TAB, 7);
  world.app.documentCame(OTHER, 0);
  expect(world.browser.announcedTo).toEqual([`${TAB} 0`, `${TAB} 7`]);
});

test('a worker that a document woke tells it too', async () => {
  await world.set(TAB, true);
  await world.until(TAB, 'private');
  world.kill();
  const started = world.start();
  world.app.documentCame(TAB, 3);
  await started;
  await world.idle();
  expect(world.browser.announcedTo).toContain(`${TAB} 3`);
});

test('the mark stands where the badge is green, and nowhere else', async () => {
  await world.set(TAB, true);
  await world.until(TAB, 'private');
  await world.idle();
  expect([...world.browser.marked]).toEqual([TAB]);
  for (const { label } of world.network.entries) world.dead.add(label);
  world.answer = () => Promise.reject(new Error('gone'));
  world.entryLost(world.network.entries[0]!.label);
  await world.until(TAB, 'blocked');
  await world.idle();
  expect([...world.browser.marked]).toEqual([]);
});

test('a worker that finds a mark of the one before takes it away where it is not true', async () => {
  await world.set(TAB, true);
  await world.until(TAB, 'private');
  world.kill();
  world.browser.marked.add(TAB);
  world.browser.control = { holder: 'other-extension', name: undefined };
  await world.start();
  await world.idle();
  expect([...world.browser.marked]).toEqual([]);
});

test('a page that came after is marked again', async () => {
  await world.set(TAB, true);
  await world.until(TAB, 'private');
  await world.idle();
  world.browser.marked.clear();
  world.browser.documentCame(TAB);
  await world.idle();
  expect([...world.browser.marked]).toEqual([TAB]);
});

test('a browser that takes no such rules still protects', async () => {
  world.browser.signalsFail = true;
  await world.set(TAB, true);
  expect((await world.until(TAB, 'private')).status.is).toBe('private');
  expect(world.reports.map(String)).toContainEqual(expect.stringContaining('no rules today'));
});

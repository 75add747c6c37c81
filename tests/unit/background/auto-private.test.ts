// "Every new tab is private": from its first request on, whoever opened it, from the first moment of the browser, and blocked rather than otherwise.

import { beforeEach, expect, test } from 'vitest';
import { decideRoute } from '../../../src/core/routing/decide-route.ts';
import { handle } from '../../../background/handlers.ts';
import type { Settings } from '../../../src/core/state/settings.ts';
import { World } from '../../support/fakes/world.ts';

const OLD = 1;
const NEW = 2;

let world: World;
beforeEach(async () => {
  world = await World.create();
  world.scope = 'tab';
  world.browser.addTab(OLD, 'https://shop.test/');
  await world.start();
});

const set = (change: Partial<Settings>): Promise<unknown> =>
  handle(world.app.handlers, { type: 'settings/set', data: { change } }, { kind: 'popup', tab: undefined });

const open = (id: number, more: object = {}): void => {
  world.app.events.created(world.browser.addTab(id, 'about:blank', more));
};

/** Where a request of a tab would go right now. */
const routeOf = (tab: number, host: string) =>
  decideRoute(world.browser.policy!, { host, from: { by: 'tab', tab } }, world.browser.now).kind;

test('nothing is steered until it is set, and then without any private tab; what was open stays as it was', async () => {
  expect(world.browser.policy?.active).toBe(false);
  await set({ auto: 'new-tabs' });
  await world.idle();
  expect(world.browser.policy).toMatchObject({ active: true, byTab: true, privateTabs: [], normalTabs: [OLD] });
  expect(routeOf(OLD, 'shop.test')).toBe('direct');
  // On disk, so that a restart of the browser is known to be one with private tabs.
  expect(world.browser.stored.local.get('private-at-last')).toEqual({ version: 1, value: true });
});

test('a new tab is private before the worker has heard of it, and after', async () => {
  await set({ auto: 'new-tabs' });
  await world.idle();
  expect(routeOf(NEW, 'bank.test')).toBe('circuit');
  open(NEW, { pendingUrl: 'https://bank.test/' });
  await world.until(NEW, 'private');
  expect(world.browser.log).not.toContain(`reload ${NEW}`);
});

test('so is one that a tab opened which is not private, and one whose event never came', async () => {
  await set({ auto: 'new-tabs' });
  await world.idle();
  open(NEW, { opener: OLD });
  await world.until(NEW, 'private');
  world.browser.addTab(3, 'https://late.test/');
  world.app.events.committed({ tab: 3, url: 'https://late.test/', isMain: true, at: world.browser.now });
  await world.until(3, 'private');
  world.browser.addTab(4, 'https://failed.test/');
  const failed = { tab: 4, url: 'https://failed.test/', isMain: true, at: world.browser.now, cause: 'proxy' as const };
  world.app.events.failed(failed);
  await world.until(4, 'private');
});

test('one that shows something already is loaded again', async () => {
  await set({ auto: 'new-tabs' });
  await world.idle();
  world.app.events.created(world.browser.addTab(NEW, 'https://copied.test/'));
  await world.until(NEW, 'private');
  expect(world.browser.log).toContain(`reload ${NEW}`);
});

test('without a circuit a new tab goes nowhere', async () => {
  world.gate = new Promise(() => undefined);
  await set({ auto: 'new-tabs' });
  await world.idle();
  open(NEW);
  await world.idle();
  expect(routeOf(NEW, 'bank.test')).toBe('block');
});

test('the next start of the browser begins with every tab private, and all steered', async () => {
  await set({ auto: 'new-tabs' });
  await world.idle();
  world.kill();
  world.browser.restart([{ id: 11, url: 'https://restored.test/' }]);
  await world.start();
  await world.until(11, 'private');
  expect(world.browser.policy).toMatchObject({ byTab: true, normalTabs: [] });
});

test('a setting that cannot be read keeps new tabs private', async () => {
  world.kill();
  world.browser.stored.local.set('settings', { version: 1, value: { auto: 'perhaps' } });
  await world.start();
  await world.idle();
  open(NEW);
  await world.until(NEW, 'private');
});

test('when it is set no longer, new tabs are normal, and private ones stay so', async () => {
  await set({ auto: 'new-tabs' });
  await world.idle();
  open(NEW);
  await world.until(NEW, 'private');
  await set({ auto: 'off' });
  open(3);
  // Who opened it would have been told by now.
  world.app.events.committed({ tab: 3, url: 'about:blank', isMain: true, at: world.browser.now });
  await world.until(3, 'off');
  expect((await world.look(NEW)).status.is).toBe('private');
  expect(routeOf(3, 'open.test')).toBe('direct');
});

// A site that turns private tabs away, as the worker hears of it: what the popup is told, and that nothing of it is on disk.

import { beforeEach, expect, test } from 'vitest';
import { handle } from '../../../background/handlers.ts';
import type { PopupSnapshot } from '../../../src/core/state/snapshot.ts';
import { SLOW_MS } from '../../../src/core/state/site-trouble.ts';
import { World } from '../../support/fakes/world.ts';

const TAB = 1;
const SITE = 'www.shop.test';

let world: World;
beforeEach(async () => {
  world = await World.create();
  world.browser.addTab(TAB, `https://${SITE}/`);
  await world.start();
  await world.set(TAB, true);
  await world.until(TAB, 'private');
});

const read = async (): Promise<PopupSnapshot> =>
  (await handle(
    world.app.handlers,
    { type: 'tab/read', data: { tab: TAB } },
    { kind: 'popup', tab: undefined },
  )) as PopupSnapshot;
const answers = async (times: number, refused: boolean): Promise<void> => {
  for (let time = 0; time < times; time++) world.app.answers.answered(TAB, SITE, refused);
  // Behind what was just taken up.
  await world.app.policy();
};

test('three pages turned away are told, also by the next worker; a page that comes ends it', async () => {
  await answers(2, true);
  expect((await read()).trouble).toBeUndefined();
  await answers(1, true);
  expect((await read()).trouble).toEqual({ is: 'refused', times: 3 });
  await world.restartWorker();
  expect((await read()).trouble).toEqual({ is: 'refused', times: 3 });
  await answers(1, false);
  expect((await read()).trouble).toBeUndefined();
});

test('is memory: no site of it is on disk', async () => {
  await answers(3, true);
  expect(JSON.stringify([...world.browser.stored.session])).toContain('shop.test');
  expect(JSON.stringify([...world.browser.stored.local])).not.toContain('shop.test');
});

test('another exit begins anew', async () => {
  await answers(3, true);
  await handle(
    world.app.handlers,
    { type: 'circuit/another-exit', data: { tab: TAB } },
    { kind: 'popup', tab: undefined },
  );
  await world.until(TAB, 'private');
  expect((await read()).trouble).toBeUndefined();
});

test('a normal tab that is turned away is nobody’s business', async () => {
  await world.set(TAB, false);
  await world.until(TAB, 'off');
  await answers(5, true);
  expect((await read()).trouble).toBeUndefined();
  expect(JSON.stringify([...world.browser.stored.session])).not.toContain('site-troubles');
});

test('a page that does not begin to come is slow after a while, and no longer when it came or failed', async () => {
  const now = world.browser.clock.now();
  world.app.answers.asked(TAB, now - SLOW_MS + 500);
  expect((await read()).trouble).toBeUndefined();
  world.app.answers.asked(TAB, now - SLOW_MS - 1);
  expect((await read()).trouble).toEqual({ is: 'slow' });
  world.app.answers.failed(TAB);
  expect((await read()).trouble).toBeUndefined();
  world.app.answers.asked(TAB, now - SLOW_MS - 1);
  await answers(1, false);
  expect((await read()).trouble).toBeUndefined();
});

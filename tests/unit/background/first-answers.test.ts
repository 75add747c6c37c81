// What a request that wakes Firefox's background is answered by, before the worker has put anything into force.

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

/** A worker whose first pass never ends: the browser does not answer it. */
function startInVain(): void {
  world.kill();
  world.browser.follows = new Promise(() => undefined);
  void world.start();
}

describe('the policy of the stored state', () => {
  test('is the one of before the worker died, and waits for nothing that the worker does at its start', async () => {
    await world.set(TAB, true);
    await world.until(TAB, 'private');
    const before = structuredClone(world.browser.policy);
    startInVain();
    expect(await world.app.restored()).toEqual(before);
  });

  test('I7: knows a tab that came since then for neither normal nor anything', async () => {
    await world.set(TAB, true);
    await world.until(TAB, 'private');
    startInVain();
    world.browser.addTab(7, 'https://new.test/');
    const policy = await world.app.restored();
    expect(policy?.normalTabs).toEqual([OTHER]);
    expect(policy?.normalHosts).not.toContain('new.test');
  });

  test.each([
    ['nothing was private', async () => undefined],
    [
      'nobody knows what was private',
      async () => {
        await world.set(TAB, true);
        await world.until(TAB, 'private');
        world.browser.stored.session.set('tabs', 'rubbish');
      },
    ],
  ])('is none where %s', async (_when, prepare) => {
    await prepare();
    startInVain();
    expect(await world.app.restored()).toBeUndefined();
  });
});

describe('what keeps connections apart', () => {
  test('outlives the worker, and neither the end of privacy nor the browser', async () => {
    await world.set(TAB, true);
    await world.until(TAB, 'private');
    const first = await world.app.isolation();
    await world.restartWorker();
    expect(await world.app.isolation()).toBe(first);

    await world.set(TAB, false);
    await world.until(TAB, 'off');
    world.browser.elapse(60_000);
    await world.idle();
    const second = await world.app.isolation();
    expect(second).not.toBe(first);

    // Where nothing is private, nothing is written at each event.
    world.app.events.created(world.browser.addTab(8, 'https://other.test/'));
    await world.idle();
    world.browser.log.length = 0;
    world.app.events.created(world.browser.addTab(9, 'https://another.test/'));
    await world.idle();
    expect(world.browser.log).not.toContain('store isolation');

    world.kill();
    world.browser.restart([{ id: 9, url: 'https://shop.test/' }]);
    await world.start();
    expect([first, second]).not.toContain(await world.app.isolation());
  });
});

// A tab is made private and normal again: in which order, how fast a person may click, and what is never green.

import fc from 'fast-check';
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

describe('making a tab private', () => {
  test('steers first, then checks, then reloads, and only then shows green', async () => {
    const answered = await world.set(TAB, true);
    expect(answered.status.is).toBe('connecting');
    await world.until(TAB, 'private');

    const { log } = world.browser;
    const first = (what: string): number => log.findIndex((line) => line.startsWith(what));
    const order = [
      first('store private-at-last'),
      first('store tabs'),
      first(`apply private=${TAB} no circuit`),
      first(`apply private=${TAB} circuit`),
      first(`reload ${TAB}`),
      first(`badge ${TAB} private`),
    ];
    // The session itself begins with a store of the tabs.
    expect(order.slice(2)).toEqual([...order.slice(2)].sort((a, b) => a - b));
    expect(order[0]).toBeLessThan(order[2] ?? 0);
    expect(order).not.toContain(-1);
    expect(log.filter((line) => line === `reload ${TAB}`)).toHaveLength(1);
    expect(log.filter((line) => line === `reload ${OTHER}`)).toHaveLength(0);
  });

  test('leaves the tab beside it normal, and its host direct', async () => {
    await world.set(TAB, true);
    const { circuit } = await world.until(TAB, 'private');
    expect(world.browser.policy).toMatchObject({
      privateTabs: [TAB],
      normalTabs: [OTHER],
      privateHosts: ['shop.test'],
      normalHosts: ['news.test'],
    });
    expect((await world.look(OTHER)).status.is).toBe('off');
    expect(circuit).toEqual({
      entry: { operator: 'alder', region: 'DE', ms: 7 },
      exit: { operator: 'cedar', region: 'NL' },
    });
  });

  test('counts the hosts of its frames as private', async () => {
    world.browser.frames.set(TAB, ['https://shop.test/cart', 'https://pay.test/frame', 'about:blank']);
    await world.set(TAB, true);
    expect(world.browser.policy?.privateHosts).toEqual(['pay.test', 'shop.test']);
  });

  test('is not green while the page from before is still there', async () => {
    world.browser.reloads = false;
    await world.set(OTHER, true);
    await expect.poll(() => world.browser.log).toContain(`reload ${OTHER}`);
    const url = world.browser.open.get(OTHER)!.url!;
    const event = { tab: OTHER, url, isMain: true };
    // A document that was on its way before, a download, and a frame: the old page stays.
    world.app.events.committed({ ...event, at: world.browser.now - 1 });
    world.app.events.failed({ ...event, at: world.browser.now, cause: 'aborted' });
    world.app.events.committed({ ...event, isMain: false, at: world.browser.now });
    await world.idle();
    expect(world.browser.badges.get(OTHER)).toBe('connecting');
    world.app.events.committed({ ...event, at: world.browser.now });
    await world.until(OTHER, 'private');
  });

  test('needs no reload on a blank page', async () => {
    world.browser.addTab(3, 'chrome://newtab/');
    await world.set(3, true);
    await world.until(3, 'private');
    expect(world.browser.log).not.toContain('reload 3');
  });

  test('is refused for pages of the browser and for tabs that are gone', async () => {
    world.browser.addTab(3, 'chrome://settings/');
    await expect(world.set(3, true)).rejects.toMatchObject({ code: 'not-a-web-page' });
    await expect(world.set(99, true)).rejects.toMatchObject({ code: 'no-tab' });
    expect(world.browser.policy?.active).toBe(false);
  });

  test('dials no relay while no tab is private', async () => {
    await world.settled();
    expect(world.reached).toEqual([]);
    expect(world.browser.policy).toMatchObject({ active: false, relayHosts: [] });
  });

  test('lets the worker past the proxy to the entries it dials, and to no other name', async () => {
    await world.set(TAB, true);
    await world.until(TAB, 'private');
    await world.idle();
    const entries = world.circuits.map(({ entry }) => entry.host);
    expect(world.browser.policy?.relayHosts).toEqual([...new Set(entries)].sort());
    expect(world.browser.policy?.relayZones).toEqual(['relays.test']);
  });
});

describe('making it normal again', () => {
  beforeEach(async () => {
    await world.set(TAB, true);
    await world.until(TAB, 'private');
  });

  test('ends steering and then reloads it', async () => {
    world.browser.log.length = 0;
    await world.set(TAB, false);
    const { log, badges, policy } = world.browser;
    expect(log.indexOf('apply inactive')).toBeLessThan(log.indexOf(`reload ${TAB}`));
    expect(log).toContain('apply inactive');
    expect(policy?.active).toBe(false);
    expect(badges.get(TAB)).toBe('off');
    expect(world.browser.stored.local.get('private-at-last')).toEqual({ version: 1, value: false });
  });

  test('keeps steering while another tab is private', async () => {
    await world.set(OTHER, true);
    await world.until(OTHER, 'private');
    await world.set(TAB, false);
    expect(world.browser.policy).toMatchObject({ active: true, privateTabs: [OTHER], normalTabs: [TAB] });
    expect(world.browser.stored.local.get('private-at-last')).toEqual({ version: 1, value: true });
  });

  test('closing the tab ends steering as well, once its last requests are over', async () => {
    world.browser.open.delete(TAB);
    world.app.events.removed(TAB);
    await world.settled();
    expect(world.browser.policy).toMatchObject({ active: true, privateTabs: [] });
    expect(world.browser.policy?.privateHosts).not.toEqual([]);
    world.browser.fire('end-of-lingering');
    await world.settled();
    expect(world.browser.policy?.active).toBe(false);
  });
});

describe('clicking fast', () => {
  test('ends in the state of the last click, however many there were', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.boolean(), { minLength: 1, maxLength: 50 }), async (clicks) => {
        await Promise.all(clicks.map((wanted) => world.set(TAB, wanted)));
        const wanted = clicks.at(-1) === true;
        const { status } = await world.until(TAB, wanted ? 'private' : 'off');
        expect(status.is).toBe(wanted ? 'private' : 'off');
        await world.settled();
        expect(world.browser.policy?.privateTabs).toEqual(wanted ? [TAB] : []);
        expect(world.browser.policy?.active).toBe(wanted);
      }),
      { numRuns: 30 },
    );
  });

  test('by the keyboard flips what is stored, each time', async () => {
    world.browser.activeTab = TAB;
    for (let press = 0; press < 51; press++) world.app.toggleActive();
    await world.until(TAB, 'private');
    world.app.toggleActive();
    await world.until(TAB, 'off');
  });
});

describe('a new identity by the keyboard', () => {
  test('loads the private tab again, by a circuit that nothing of before is joined with', async () => {
    await world.set(TAB, true);
    await world.until(TAB, 'private');
    world.browser.activeTab = TAB;
    const circuit = JSON.stringify(world.browser.policy?.circuits);
    world.browser.log.length = 0;
    world.app.newIdentityActive();
    await expect.poll(() => world.browser.log).toContain(`reload ${TAB}`);
    await world.until(TAB, 'private');
    expect(JSON.stringify(world.browser.policy?.circuits)).not.toBe(circuit);
  });

  test('does nothing in a tab that is not private', async () => {
    world.browser.activeTab = TAB;
    world.app.newIdentityActive();
    await world.app.policy();
    expect(world.browser.log).not.toContain(`reload ${TAB}`);
  });
});

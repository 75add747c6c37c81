// The browser's private windows as a strong mode: who is private, what stays as it is, and what the person is told.

import { beforeEach, describe, expect, test } from 'vitest';
import { handle } from '../../../background/handlers.ts';
import { World } from '../../support/fakes/world.ts';

const NORMAL = 1;
const SECRET = 2;

let world: World;
beforeEach(async () => {
  world = await World.create();
  world.browser.addTab(NORMAL, 'https://shop.test/');
  world.browser.addTab(SECRET, 'https://shop.test/', { incognito: true });
  world.browser.incognitoAllowed = true;
  await world.start();
});

const turn = async (wanted: boolean): Promise<void> => {
  const message = { type: 'incognito/set' as const, data: { tab: NORMAL, wanted } };
  await handle(world.app.handlers, message, { kind: 'popup', tab: undefined });
};

describe('private windows that are wholly private', () => {
  test('make their tabs private and load them again, and steer nothing else', async () => {
    await turn(true);
    const { scope } = await world.until(SECRET, 'private');
    expect(scope).toBe('incognito');
    expect(world.browser.log.filter((line) => line.startsWith('reload'))).toEqual([`reload ${SECRET}`]);
    expect(world.browser.policy).toMatchObject({
      ...{ active: true, byTab: false, incognitoWholly: true, incognitoTabs: [SECRET], incognitoHosts: ['shop.test'] },
      ...{ privateHosts: [], normalHosts: ['shop.test'], normalTabs: [NORMAL] },
    });
    expect((await world.look(NORMAL)).status.is).toBe('off');
    // Private windows do not come back after a restart: no tab of the next session may be taken for one of theirs.
    expect(world.browser.stored.local.get('private-at-last')).not.toMatchObject({ value: true });
  });

  test('are never normal tabs, not even for a moment', async () => {
    await turn(true);
    await world.until(SECRET, 'private');
    world.browser.log.length = 0;
    world.app.events.created(world.browser.addTab(9, '', { incognito: true, pendingUrl: 'https://bank.test/' }));
    await world.settled();
    expect(world.browser.policy?.incognitoTabs).toEqual([SECRET, 9]);
    expect(world.browser.policy?.normalTabs).toEqual([NORMAL]);
    // What it loads, it loads through the circuit from the first request on.
    expect(world.browser.log).not.toContain('reload 9');
    await world.until(9, 'private');
  });

  test('leave private tabs of other windows as they are, and the other way round', async () => {
    await world.set(NORMAL, true);
    await turn(true);
    await world.until(SECRET, 'private');
    expect(world.browser.policy).toMatchObject({ byTab: true, privateTabs: [NORMAL, SECRET], incognitoTabs: [SECRET] });
    await world.set(NORMAL, false);
    expect(world.browser.policy).toMatchObject({ active: true, byTab: false, incognitoTabs: [SECRET] });
    expect((await world.look(SECRET)).status.is).toBe('private');
  });

  test('need no circuit while none is open, and get one with the first tab', async () => {
    world.browser.open.delete(SECRET);
    world.app.events.removed(SECRET);
    await turn(true);
    await world.idle();
    expect(world.reached).toEqual([]);
    expect(world.browser.policy).toMatchObject({ active: true, incognitoWholly: true, circuits: [] });
    world.app.events.created(world.browser.addTab(9, 'chrome://newtab/', { incognito: true }));
    await world.until(9, 'private');
    world.browser.open.delete(9);
    world.app.events.removed(9);
    await world.idle();
    expect(world.browser.policy).toMatchObject({ active: true, byTab: false, circuits: [] });
  });

  test('cannot be ended tab by tab', async () => {
    await turn(true);
    await expect(world.set(SECRET, false)).rejects.toMatchObject({ code: 'always-private' });
    expect((await world.until(SECRET, 'private')).status.is).toBe('private');
  });

  test('stay so over the death of the worker, and over a restart of the browser', async () => {
    await turn(true);
    await world.until(SECRET, 'private');
    await world.restartWorker();
    expect(world.browser.policy).toMatchObject({ incognitoTabs: [SECRET] });
    world.browser.restart([{ id: 31, url: 'https://shop.test/' }]);
    await world.restartWorker();
    expect(world.browser.policy).toMatchObject({ active: true, byTab: false, incognitoWholly: true, privateTabs: [] });
    expect((await world.look(31)).status.is).toBe('off');
  });

  test('are blocked, and not called private, while another extension holds the proxy', async () => {
    await turn(true);
    await world.until(SECRET, 'private');
    world.browser.control = { holder: 'other-extension', name: undefined };
    world.browser.controlChanged(world.browser.control);
    expect((await world.until(SECRET, 'blocked')).status).toMatchObject({ why: 'other-extension' });
  });

  test('end with the switch: steering first, then the pages are loaded again', async () => {
    await turn(true);
    await world.until(SECRET, 'private');
    world.browser.log.length = 0;
    await turn(false);
    const { log } = world.browser;
    expect(log.indexOf('apply inactive')).toBeGreaterThan(-1);
    expect(log.indexOf('apply inactive')).toBeLessThan(log.indexOf(`reload ${SECRET}`));
    expect((await world.until(SECRET, 'off')).scope).toBe('site');
  });

  test('hold an update back while one is open, and not for the switch alone', async () => {
    await turn(true);
    await world.until(SECRET, 'private');
    world.browser.updateAvailable();
    await world.idle();
    expect(world.browser.installedUpdates).toBe(0);
    world.browser.open.delete(SECRET);
    world.app.events.removed(SECRET);
    await world.idle();
    expect(world.browser.installedUpdates).toBe(1);
  });
});

describe('where the browser keeps the extension out of private windows', () => {
  beforeEach(() => {
    world.browser.incognitoAllowed = false;
  });

  test('the switch is refused, and the popup knows', async () => {
    await expect(turn(true)).rejects.toMatchObject({ code: 'incognito-not-allowed' });
    expect(world.browser.policy?.active).toBe(false);
    expect((await world.look(NORMAL)).incognito).toEqual({ isAllowed: false, isWanted: false });
  });

  test('a switch that was set before claims nothing', async () => {
    world.browser.incognitoAllowed = true;
    await turn(true);
    world.browser.incognitoAllowed = false;
    await world.restartWorker();
    expect(world.browser.policy).toMatchObject({ active: false, incognitoWholly: false });
  });

  test('the settings open on demand', async () => {
    const message = { type: 'incognito/open-settings' as const, data: { tab: NORMAL } };
    await handle(world.app.handlers, message, { kind: 'popup', tab: undefined });
    expect(world.browser.log).toContain('open settings');
  });
});

describe('a conflict with other extensions', () => {
  const takeProxy = async (): Promise<void> => {
    await world.set(NORMAL, true);
    await world.until(NORMAL, 'private');
    world.browser.control = { holder: 'other-extension', name: undefined };
    world.browser.controlChanged(world.browser.control);
  };

  test('has no name until the person lets the names be read, and then has it at once', async () => {
    await takeProxy();
    expect((await world.until(NORMAL, 'blocked')).status).toMatchObject({ why: 'other-extension', name: undefined });
    world.browser.neighbours = [{ id: 'a', name: 'FoxyProxy' }];
    world.browser.neighboursAllowed();
    await expect.poll(async () => (await world.look(NORMAL)).status).toMatchObject({ name: 'FoxyProxy' });
  });

  test('lists all that may be it', async () => {
    world.browser.neighbours = ['A', 'B', 'C'].map((name) => ({ id: name, name }));
    await takeProxy();
    expect((await world.until(NORMAL, 'blocked')).status).toMatchObject({ name: 'A, B, or C' });
  });

  test('ends by itself: the tab is private again', async () => {
    await takeProxy();
    await world.until(NORMAL, 'blocked');
    world.browser.control = { holder: 'free' };
    world.browser.controlChanged(world.browser.control);
    await world.until(NORMAL, 'private');
  });
});

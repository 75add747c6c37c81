// What happens when something breaks while a tab is private: entry, exit, network, another extension; and what private tabs may take
// away from normal ones.

import { beforeEach, describe, expect, test } from 'vitest';
import { SPARE_RETRY_MS } from '../../../src/core/circuit/durations.ts';
import { SteeringError } from '../../../src/ports/steering.ts';
import { World } from '../../support/fakes/world.ts';

const TAB = 1;
const OTHER = 2;

let world: World;
beforeEach(async () => {
  world = await World.create();
  world.browser.addTab(TAB, 'https://shop.test/');
  world.browser.addTab(OTHER, 'https://news.test/');
  await world.start();
  await world.set(TAB, true);
  await world.until(TAB, 'private');
  world.browser.log.length = 0;
});

const failed = (tab: number, url: string, cause: 'blocked' | 'proxy' | 'other'): void =>
  world.app.events.failed({ tab, url, isMain: true, at: 0, cause });

describe('the circuit', () => {
  test('is asked again when the line to its entry is lost, and stays green when it stands', async () => {
    await world.idle();
    const before = world.reached.length;
    world.entryLost(world.circuits[0]!.entry.peer);
    await expect.poll(() => world.reached.length).toBe(before + 1);
    await world.settled();
    expect((await world.look(TAB)).status.is).toBe('private');
  });

  test('gives way to its spare when its entry is gone: both were verified, so the tab stays green', async () => {
    await world.idle();
    const [inUse, spare] = world.browser.policy!.circuits;
    world.dead.add(world.circuits[0]!.entry.peer);
    world.entryLost(world.circuits[0]!.entry.peer);
    await expect.poll(() => world.browser.policy!.circuits[0]).toEqual(spare);
    await world.idle();
    expect((await world.look(TAB)).circuit?.entry.operator).toBe('birch');
    expect(world.browser.policy!.circuits).not.toContainEqual(inUse);
    expect(world.browser.log).not.toContain(`badge ${TAB} connecting`);
    expect((await world.look(TAB)).status.is).toBe('private');
  });

  test('gets better spares once there are some, if all that could be had shared its entry', async () => {
    await world.set(TAB, false);
    const [entry, other] = world.network.entries;
    world.dead.add(other!.label);
    await world.set(TAB, true);
    await world.until(TAB, 'private');
    await world.idle();
    const entries = (): (string | undefined)[] =>
      world.browser.policy!.circuits.map(
        ({ host }) => world.circuits.find(({ proxyHost }) => proxyHost === host)?.entry.peer,
      );
    expect(entries()).toEqual([entry!.label, entry!.label]);
    const [inUse] = world.browser.policy!.circuits;

    world.dead.clear();
    world.browser.elapse(SPARE_RETRY_MS);
    // They come before the other, which the browser would try in vain where the entry is gone.
    await expect.poll(entries).toEqual([entry!.label, other!.label, other!.label, entry!.label]);
    await world.idle();
    expect(world.browser.policy!.circuits[0]).toEqual(inUse);
    expect((await world.look(TAB)).status.is).toBe('private');
  });

  test('without a spare is amber until another one is verified', async () => {
    await world.idle();
    world.answer = () => Promise.reject(new Error('gone'));
    world.entryLost(world.circuits[0]!.entry.peer);
    await world.until(TAB, 'connecting', 'blocked');
    expect(world.browser.policy!.circuits).toEqual([]);
    world.answer = (url, exit) => world.honest(url, exit);
    await world.app.handlers['circuit/try-again']({ tab: TAB }, { kind: 'popup', tab: undefined });
    await world.until(TAB, 'private');
  });

  test('ignores the end of a line that it does not use', async () => {
    await world.idle();
    const before = world.reached.length;
    world.entryLost(world.network.exits[0]!.label);
    await world.idle();
    expect(world.reached.length).toBe(before);
  });

  test('does not load a page again that failed by itself', async () => {
    await world.idle();
    const before = world.reached.length;
    failed(TAB, 'https://nowhere.test/', 'other');
    await world.idle();
    expect(world.reached).toHaveLength(before);
    expect(world.browser.log.filter((line) => /^(re)?load/.test(line))).toEqual([]);
  });

  test('is lost with the network, and comes back with it', async () => {
    world.browser.online = false;
    world.browser.wentOffline();
    expect((await world.until(TAB, 'blocked')).status).toMatchObject({ why: 'offline' });
    expect(world.browser.policy?.circuits).toEqual([]);
    world.browser.online = true;
    world.browser.wentOnline();
    await world.until(TAB, 'private');
  });
});

describe('somebody else takes the proxy', () => {
  for (const [holder, why] of [
    ['other-extension', 'other-extension'],
    ['managed', 'managed'],
    ['user', 'user-proxy'],
    ['forbidden', 'forbidden'],
  ] as const) {
    test(`${holder}: blocked with the reason, green again when it is given back`, async () => {
      world.browser.control = holder === 'other-extension' ? { holder, name: 'FoxyProxy' } : { holder };
      world.browser.controlChanged(world.browser.control);
      const { status } = await world.until(TAB, 'blocked');
      expect(status).toEqual({ is: 'blocked', why, name: holder === 'other-extension' ? 'FoxyProxy' : undefined });
      expect(world.browser.badges.get(TAB)).toBe('blocked');

      world.browser.control = { holder: 'free' };
      world.browser.controlChanged(world.browser.control);
      await world.until(TAB, 'private');
    });
  }

  test('and clears it: the policy is put into force again, on the same circuit', async () => {
    const before = world.reached.length;
    world.browser.control = { holder: 'free' };
    world.browser.controlChanged(world.browser.control);
    await world.idle();
    expect(world.browser.log).toContain(`apply private=${TAB} circuit`);
    expect((await world.look(TAB)).status.is).toBe('private');
    expect(world.reached).toHaveLength(before);
  });

  test('before the first private tab: it is never green', async () => {
    await world.set(TAB, false);
    world.browser.control = { holder: 'managed' };
    world.browser.log.length = 0;
    world.reached.length = 0;
    const { status } = await world.set(TAB, true);
    expect(status).toMatchObject({ is: 'blocked', why: 'managed' });
    await world.idle();
    expect(world.reached).toEqual([]);
    expect(world.browser.log).not.toContain(`badge ${TAB} private`);
    expect(world.browser.log).not.toContain(`reload ${TAB}`);
  });

  test('a setting that leaks and cannot be held has a reason of its own', async () => {
    world.browser.refuses = new SteeringError('WebRTC is held', { code: 'privacy-setting' });
    const { status } = await world.set(OTHER, true);
    expect(status).toMatchObject({ is: 'blocked', why: 'privacy-setting' });
    expect((await world.look(TAB)).status.is).toBe('blocked');
  });

  test('and one that is taken while a tab is private is missed at once, and green again when it is given back', async () => {
    world.browser.refuses = new SteeringError('prediction is held', { code: 'privacy-setting' });
    world.browser.guardLost();
    expect((await world.until(TAB, 'blocked')).status).toMatchObject({ why: 'privacy-setting' });
    world.browser.refuses = undefined;
    world.browser.guardLost();
    await world.until(TAB, 'private');
  });

  test('the browser refuses the policy: blocked, and tried again', async () => {
    world.browser.refuses = new SteeringError('refused');
    expect((await world.set(OTHER, true)).status).toMatchObject({ is: 'blocked', why: 'steering-failed' });
    world.browser.refuses = undefined;
    world.browser.fire('retry-circuit');
    await world.until(OTHER, 'private');
  });
});

describe('private wins', () => {
  test('a blocked subresource takes its host from the normal tabs, and the page is loaded again, once', async () => {
    expect(world.browser.policy?.normalHosts).toEqual(['news.test']);
    const url = 'https://news.test/logo.png';
    world.app.events.subresourceBlocked({ tab: TAB, url });
    world.app.events.subresourceBlocked({ tab: TAB, url: 'https://news.test/style.css' });
    await expect.poll(() => world.browser.log).toContain(`reload ${TAB}`);
    expect(world.browser.policy?.privateHosts).toEqual(['news.test', 'shop.test']);
    world.app.events.subresourceBlocked({ tab: TAB, url });
    await world.idle();
    await world.until(TAB, 'private');
    expect(world.browser.log.filter((line) => line === `reload ${TAB}`)).toHaveLength(1);
  });

  test('an ad blocker’s block is none of our business', async () => {
    world.app.events.subresourceBlocked({ tab: TAB, url: 'https://tracker.test/pixel' });
    await world.idle();
    expect(world.browser.log).toEqual([]);
  });

  test('nor is one in a normal tab', async () => {
    world.app.events.subresourceBlocked({ tab: OTHER, url: 'https://news.test/logo.png' });
    await world.idle();
    expect(world.browser.policy?.privateHosts).toEqual(['shop.test']);
  });

  test('a blocked navigation is tried again, once', async () => {
    const url = 'https://news.test/article';
    world.app.events.navigating({ tab: TAB, url, isMain: true, at: 0 });
    failed(TAB, url, 'blocked');
    await expect.poll(() => world.browser.log).toContain(`load ${TAB} ${url}`);
    expect(world.browser.policy?.privateHosts).toContain('news.test');
    failed(TAB, url, 'blocked');
    await world.idle();
    expect(world.browser.log.filter((line) => line.startsWith('load'))).toHaveLength(1);
  });

  test('a host stays private while the tab that was on it is', async () => {
    world.app.events.committed({ tab: TAB, url: 'https://bank.test/', isMain: true, at: 0 });
    world.app.events.committed({ tab: TAB, url: 'https://mail.test/', isMain: true, at: 0 });
    await world.settled();
    expect(world.browser.policy?.privateHosts).toEqual(['bank.test', 'mail.test', 'shop.test']);
    await world.set(TAB, false);
    await world.set(OTHER, true);
    expect(world.browser.policy?.privateHosts).toEqual(['news.test']);
  });
});

describe('the direct hosts of normal tabs', () => {
  test('follow their navigations before they commit', async () => {
    world.browser.addTab(OTHER, 'https://news.test/', { pendingUrl: 'https://video.test/watch' });
    world.app.events.navigating({ tab: OTHER, url: 'https://video.test/watch', isMain: true, at: 0 });
    await world.settled();
    expect(world.browser.policy?.normalHosts).toEqual(['news.test', 'video.test']);
  });

  test('are kept from decaying by an alarm while the worker lives', async () => {
    const until = world.browser.policy!.directUntil;
    expect(until).toBeGreaterThan(world.browser.now);
    world.browser.fire('renew-direct');
    await expect.poll(() => world.browser.policy!.directUntil).toBeGreaterThan(until);
    expect(world.browser.policy!.directUntil - world.browser.now).toBeLessThanOrEqual(5 * 60_000);
  });

  test('a normal tab that ran into the circuit on its first visit is loaded again, once', async () => {
    failed(OTHER, 'https://video.test/', 'proxy');
    await expect.poll(() => world.browser.log).toContain('load 2 https://video.test/');
    failed(OTHER, 'https://video.test/', 'proxy');
    await world.idle();
    expect(world.browser.log.filter((line) => line.startsWith('load'))).toHaveLength(1);
  });
});

describe('an update of the extension', () => {
  test('waits until no tab is private and nothing is steered', async () => {
    world.browser.updateAvailable();
    await world.settled();
    expect(world.browser.installedUpdates).toBe(0);
    await world.restartWorker();
    expect(world.browser.installedUpdates).toBe(0);
    await world.set(TAB, false);
    await expect.poll(() => world.browser.installedUpdates).toBe(1);
    expect(world.browser.log.lastIndexOf('apply inactive')).toBeLessThan(world.browser.log.indexOf('install update'));
  });

  test('waits on when a tab becomes private while the last one ends', async () => {
    world.browser.updateAvailable();
    await world.settled();
    const { log } = world.browser;
    const push = log.push.bind(log);
    log.push = (...lines) => {
      if (lines.includes('apply inactive')) void world.set(OTHER, true);
      return push(...lines);
    };
    await world.set(TAB, false);
    await world.until(OTHER, 'private');
    expect(world.browser.installedUpdates).toBe(0);
    expect(world.browser.stored.local.get('private-at-last')).toEqual({ version: 1, value: true });
  });
});

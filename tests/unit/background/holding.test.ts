// Pages that have no circuit to load through: they wait, go on by themselves, or say what is wrong; and none loads another way.

import { FRESH_NAME_MS } from '../../../src/core/circuit/durations.ts';
import { beforeEach, describe, expect, test } from 'vitest';
import { HOLD_MS, PROBE_MS, SLOW_PAGE_MS } from '../../../src/core/circuit/durations.ts';
import type { HeldView } from '../../../src/core/state/held.ts';
import { World } from '../../support/fakes/world.ts';

const TAB = 1;
const NORMAL = 2;
const PAGE = 'https://shop.test/next';

let world: World;
let views: HeldView[];
let silent: Set<string>;

async function begin(scope: 'tab' | 'site'): Promise<void> {
  world = await World.create();
  world.scope = scope;
  world.browser.addTab(TAB, 'https://shop.test/');
  world.browser.addTab(NORMAL, 'https://news.test/');
  silent = new Set();
  world.answer = (url, exit) => (silent.has(exit) ? new Promise(() => undefined) : world.honest(url, exit));
  await world.start();
  await world.set(TAB, true);
  await world.until(TAB, 'private');
  await world.idle();
  views = [];
  world.app.watchHeld(TAB, (view) => views.push(view));
  await world.idle();
  world.browser.log.length = 0;
}
beforeEach(() => begin('site'));

const navigate = (url = PAGE, tab = TAB): void => world.app.events.navigating({ tab, url, isMain: true, at: 0 });
const commit = (url = PAGE): void => world.app.events.committed({ tab: TAB, url, isMain: true, at: 0 });
const fail = (cause: 'proxy' | 'tunnel' | 'unsure', url = PAGE): void =>
  world.app.events.requestFailed({ tab: TAB, url, isMain: true, cause });
const exits = (): string[] => world.browser.policy!.circuits.map(({ host }) => host.split('.')[1] ?? '');
const loads = (): string[] => world.browser.log.filter((line) => /^(hold|load|reload) /.test(line));
const say = (type: 'held/retry' | 'held/another-exit' | 'held/end-private'): Promise<unknown> =>
  world.app.handlers[type]({}, { kind: 'held', tab: TAB });
/** All exits are gone; what is asked fails at once. */
const loseAll = async (): Promise<void> => {
  world.answer = () => Promise.reject(new Error('gone'));
  world.entryLost(world.network.entries[0]!.label);
  world.entryLost(world.network.entries[1]!.label);
  await world.until(TAB, 'blocked');
  await world.idle();
};
const giveBack = async (): Promise<void> => {
  world.answer = (url, exit) => world.honest(url, exit);
  await world.app.handlers['circuit/try-again']({ tab: TAB }, { kind: 'popup', tab: undefined });
  await world.until(TAB, 'private');
  await world.idle();
};

describe('a page that is slow to come', () => {
  test('of a circuit that stands is left alone', async () => {
    navigate();
    await world.settled();
    world.browser.elapse(SLOW_PAGE_MS);
    await world.idle();
    expect(loads()).toEqual([]);
  });

  test('of a frozen circuit is loaded again through the spare, which answered', async () => {
    const [inUse, spare] = exits();
    silent.add(inUse!);
    navigate();
    await world.settled();
    world.browser.elapse(SLOW_PAGE_MS);
    await world.idle();
    expect(loads()).toEqual([]);
    world.browser.elapse(PROBE_MS);
    await expect.poll(loads).toEqual([`load ${TAB} ${PAGE}`]);
    expect(exits()[0]).toBe(spare);
    expect(exits()).not.toContain(inUse);
    expect((await world.look(TAB)).status.is).toBe('private');
  });

  test('waits on while the spare is as silent: then it is the line that is slow', async () => {
    for (const { label } of world.network.exits) silent.add(label);
    const before = exits();
    navigate();
    await world.settled();
    world.browser.elapse(SLOW_PAGE_MS);
    await world.idle();
    world.browser.elapse(PROBE_MS);
    await world.idle();
    expect(exits()).toEqual(before);
    expect(loads()).toEqual([]);
  });

  test('that has come meanwhile is not loaded again', async () => {
    silent.add(exits()[0]!);
    navigate();
    await world.settled();
    world.browser.elapse(SLOW_PAGE_MS);
    await world.idle();
    commit();
    await world.settled();
    world.browser.elapse(PROBE_MS);
    await world.idle();
    expect(loads()).toEqual([]);
  });

  test('with something to send is not sent twice', async () => {
    silent.add(exits()[0]!);
    navigate();
    await world.settled();
    world.app.events.sending({ tab: TAB, url: PAGE });
    world.browser.elapse(SLOW_PAGE_MS);
    await world.idle();
    world.browser.elapse(PROBE_MS);
    await expect.poll(loads).toEqual([`hold ${TAB} ${PAGE}`]);
    await expect.poll(() => views.at(-1)).toEqual({ is: 'not-sent', site: 'shop.test' });
    await say('held/retry');
    await expect.poll(() => views.at(-1)).toEqual({ is: 'go', url: PAGE });
  });
});

describe('a page that fails', () => {
  test('for its circuit’s sake is held, and goes on through the spare', async () => {
    const [inUse] = exits();
    world.answer = (url, exit) => (exit === inUse ? Promise.reject(new Error('gone')) : world.honest(url, exit));
    navigate();
    fail('proxy');
    await expect.poll(loads).toEqual([`hold ${TAB} ${PAGE}`]);
    await expect.poll(() => views.at(-1)).toEqual({ is: 'go', url: PAGE });
    expect(exits()).not.toContain(inUse);
  });

  test('because the exit cannot reach the site is told so, and the circuit stays', async () => {
    const before = exits();
    navigate();
    fail('tunnel');
    await expect.poll(() => views.at(-1)).toEqual({ is: 'site-down', site: 'shop.test' });
    expect(exits()).toEqual(before);
    await say('held/retry');
    await expect.poll(() => views.at(-1)).toEqual({ is: 'go', url: PAGE });
  });

  test('by TLS is held where the circuit is to blame, and left to the browser where the site is', async () => {
    navigate();
    fail('unsure');
    await world.idle();
    expect(loads()).toEqual([]);
    const [inUse] = exits();
    world.answer = (url, exit) => (exit === inUse ? Promise.reject(new Error('gone')) : world.honest(url, exit));
    fail('unsure');
    await expect.poll(() => views.at(-1)).toEqual({ is: 'go', url: PAGE });
    expect(loads()).toEqual([`hold ${TAB} ${PAGE}`]);
  });

  test('again and again on a circuit that stands does not go round for ever', async () => {
    let rounds = 0;
    do {
      rounds += 1;
      navigate();
      fail('proxy');
      await world.idle();
    } while (views.at(-1)?.is === 'go' && rounds < 20);
    expect(views.at(-1)?.is).toBe('site-down');
    expect(rounds).toBe(3);
  });

  test('of a normal tab, or for a private tab’s local network, is none of our business', async () => {
    world.app.events.requestFailed({ tab: NORMAL, url: PAGE, isMain: true, cause: 'proxy' });
    navigate('http://192.168.1.1/');
    fail('proxy', 'http://192.168.1.1/');
    const relay = `https://${world.circuits[0]!.entry.host}/`;
    navigate(relay);
    fail('proxy', relay);
    await world.idle();
    expect(loads()).toEqual([]);
  });

  test('where the browser shows no page of ours is loaded again when there is a circuit', async () => {
    world.browser.showsHeldPages = false;
    const [inUse] = exits();
    world.answer = (url, exit) => (exit === inUse ? Promise.reject(new Error('gone')) : world.honest(url, exit));
    navigate();
    fail('proxy');
    await expect.poll(loads).toContain(`reload ${TAB}`);
  });
});

describe('without any circuit', () => {
  test('a page that session restore had in the cache, and that comes before ours, is waited for all the same', async () => {
    await loseAll();
    navigate();
    commit();
    await expect.poll(loads).toEqual([`hold ${TAB} ${PAGE}`]);
    await giveBack();
    expect(views.at(-1)).toEqual({ is: 'go', url: PAGE });
    navigate();
    commit();
    await expect.poll(() => views.at(-1)).toEqual({ is: 'nothing' });
  });

  test('Chrome shows our page at once, which says more after a while, and goes on when there is one', async () => {
    await loseAll();
    navigate();
    await expect.poll(loads).toEqual([`hold ${TAB} ${PAGE}`]);
    await world.idle();
    expect(views.at(-1)).toEqual({ is: 'waiting', site: 'shop.test' });
    world.browser.elapse(HOLD_MS);
    await expect.poll(() => views.at(-1)?.is).toBe('stuck');
    expect(views.at(-1)).toMatchObject({ site: 'shop.test', sentence: { key: 'status_check_unreachable' } });
    expect(world.browser.policy!.circuits).toEqual([]);
    await giveBack();
    await expect.poll(() => views.at(-1)).toEqual({ is: 'go', url: PAGE });
    commit();
    await world.idle();
    expect(world.browser.stored.session.get('held')).toMatchObject({ value: {} });
  });

  test('Firefox waits with the request, and shows our page only after that', async () => {
    await begin('tab');
    await loseAll();
    navigate();
    await world.idle();
    expect(loads()).toEqual([]);
    world.browser.elapse(HOLD_MS);
    await expect.poll(loads).toEqual([`hold ${TAB} ${PAGE}`]);
  });

  test('Firefox shows none when a circuit came in time', async () => {
    await begin('tab');
    await loseAll();
    navigate();
    await world.idle();
    await giveBack();
    world.browser.log.length = 0;
    world.browser.elapse(HOLD_MS);
    await world.idle();
    expect(loads()).toEqual([]);
  });

  test('a conflict is named in place of it', async () => {
    world.browser.control = { holder: 'other-extension', name: 'FoxyProxy' };
    world.browser.controlChanged(world.browser.control);
    await world.until(TAB, 'blocked');
    navigate();
    await expect.poll(() => views.at(-1)).toMatchObject({ is: 'stuck', sentence: { values: { name: 'FoxyProxy' } } });
  });

  test('the person may end private mode: then, and only then, the page loads directly', async () => {
    await loseAll();
    navigate();
    await world.idle();
    expect(views.some(({ is }) => is === 'go')).toBe(false);
    await say('held/end-private');
    await expect.poll(() => views.at(-1)).toEqual({ is: 'go', url: PAGE });
    expect((await world.look(TAB)).status.is).toBe('off');
  });

  test('what waits outlives the worker', async () => {
    await loseAll();
    navigate();
    await world.idle();
    await world.restartWorker();
    views = [];
    world.app.watchHeld(TAB, (view) => views.push(view));
    await expect.poll(() => views.at(-1)?.is).toMatch(/waiting|stuck/);
    await giveBack();
    await expect.poll(() => views.at(-1)).toEqual({ is: 'go', url: PAGE });
  });
});

test('a stored page that is no web page is not gone to', async () => {
  world.kill();
  const held = { url: 'javascript:alert(1)', since: 0, tries: 0, why: 'circuit', sent: false };
  world.browser.stored.session.set('held', { version: 1, value: { [TAB]: held } });
  await world.start();
  views = [];
  world.app.watchHeld(TAB, (view) => views.push(view));
  await expect.poll(() => views).toEqual([{ is: 'nothing' }]);
});

test('a tab that waits for nothing is told so', () => {
  expect(views).toEqual([{ is: 'nothing' }]);
});

describe('another exit and a new identity', () => {
  const popup = { kind: 'popup', tab: undefined } as const;
  const names = (): string[] => world.browser.policy!.circuits.map(({ host }) => host);

  test('another exit: the spare takes over, the tab is loaded again', async () => {
    const [before] = exits();
    await world.app.handlers['circuit/another-exit']({ tab: TAB }, popup);
    await world.idle();
    expect(exits()).not.toContain(before);
    expect(loads()).toEqual([`reload ${TAB}`]);
    await world.until(TAB, 'private');
  });

  test('another exit, when the other ones are gone: said, and nothing has changed', async () => {
    const [inUse] = exits();
    world.answer = (url, exit) => (exit === inUse ? world.honest(url, exit) : Promise.reject(new Error('gone')));
    // The spare of another exit is found to be gone first.
    world.entryLost(world.circuits.find(({ proxyHost }) => proxyHost === names()[1])!.entry.peer);
    await world.idle();
    const before = names()[0];
    await expect(world.app.handlers['circuit/another-exit']({ tab: TAB }, popup)).rejects.toMatchObject({
      code: 'no-other-exit',
    });
    expect(names()[0]).toBe(before);
  });

  test('a new identity uses no name that was used before, spares included, until there is none left', async () => {
    const used = new Set(names());
    let identities = 0;
    for (;;) {
      const { identity } = world.browser.policy!;
      const done = await world.app.handlers['circuit/new-identity']({ tab: TAB }, popup).then(
        () => true,
        (error: unknown) => {
          expect(error).toMatchObject({ code: 'none-fresh' });
          return false;
        },
      );
      await world.idle();
      if (!done) break;
      identities += 1;
      expect(world.browser.policy!.identity).toBe(identity + 1);
      expect(names().filter((name) => used.has(name))).toEqual([]);
      names().forEach((name) => used.add(name));
      expect(identities).toBeLessThan(10);
    }
    // Six circuits: two for each identity, the first one included.
    expect(identities).toBe(2);
    expect((await world.look(TAB)).status.is).toBe('private');
    world.browser.now += FRESH_NAME_MS;
    await world.app.handlers['circuit/new-identity']({ tab: TAB }, popup);
  });

  test('a new identity never has the circuits of both in force at once', async () => {
    const before = new Set(names());
    const seen: string[][] = [];
    const { log } = world.browser;
    const push = log.push.bind(log);
    log.push = (...lines) => {
      if (lines.some((line) => line.startsWith('apply'))) seen.push(names());
      return push(...lines);
    };
    await world.app.handlers['circuit/new-identity']({ tab: TAB }, popup);
    await world.idle();
    expect(seen.length).toBeGreaterThan(0);
    for (const list of seen) expect(new Set(list.map((name) => before.has(name))).size).toBeLessThanOrEqual(1);
    expect(before.has(names()[0]!)).toBe(false);
  });
});

test('after a restart a page that is asked for the moment its tab is there, on a site that is always private, is held too', async () => {
  await begin('tab');
  await world.app.handlers['sites/set-rule']({ host: 'shop.test', mode: 'always' }, { kind: 'popup', tab: undefined });
  await loseAll();
  world.kill();
  world.browser.restart([{ id: 11, url: 'about:blank' }]);
  await world.start();
  world.browser.log.length = 0;
  // The tab is private since it comes while the session is restored, and the policy that says so is not in force yet.
  world.app.events.created(world.browser.addTab(12, 'about:blank'));
  navigate(PAGE, 12);
  world.app.events.requesting({ tab: 12, url: PAGE });
  await world.idle();
  expect(world.browser.policy?.privateTabs).toContain(12);
  expect(loads()).toEqual([]);
  world.browser.elapse(HOLD_MS);
  await expect.poll(loads).toEqual([`hold 12 ${PAGE}`]);
});

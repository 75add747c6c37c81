// Fifty pages at the moment when relays die: what is done once for all of them, what waits for none of them, and that each gets over it.

import { beforeEach, describe, expect, test } from 'vitest';
import { SLOW_PAGE_MS } from '../../../src/core/circuit/durations.ts';
import { createFeed } from '../../../background/feed.ts';
import { World } from '../../support/fakes/world.ts';

const TAB = 1;
const PAGES = 50;
const PAGE = 'https://shop.test/next';

let world: World;

async function begin(scope: 'tab' | 'site'): Promise<void> {
  world = await World.create();
  world.scope = scope;
  for (let tab = TAB; tab < TAB + PAGES; tab += 1) world.browser.addTab(tab, 'https://shop.test/');
  await world.start();
  await world.set(TAB, true);
  await world.until(TAB, 'private');
  await world.idle();
  world.browser.log.length = 0;
}
beforeEach(() => begin('site'));

const navigate = (url = PAGE, tab = TAB): void => world.app.events.navigating({ tab, url, isMain: true, at: 0 });
const fail = (cause: 'proxy' | 'tunnel' | 'unsure', tab = TAB): void =>
  world.app.events.requestFailed({ tab, url: PAGE, isMain: true, cause });
const circuits = (): { host: string }[] => [...world.browser.policy!.circuits];
const entries = (): string[] =>
  circuits().map(({ host }) => world.circuits.find(({ proxyHost }) => proxyHost === host)!.entry.peer);
const loads = (): string[] => world.browser.log.filter((line) => /^(hold|load|reload) /.test(line));
/** A relay ends: its own line, and what is asked through it. */
const end = (...labels: string[]): void => {
  world.answer = (url, exit) =>
    labels.includes(exit) || labels.includes(world.entryOf(url) ?? '')
      ? Promise.reject(new Error('gone'))
      : world.honest(url, exit);
  for (const label of labels) world.dead.add(label);
  for (const label of labels) world.entryLost(label);
};

describe('half of the relays', () => {
  test('leave a spare that stands, though the exit of the first spare is among them', async () => {
    const [inUse] = circuits();
    const [entry] = entries();
    // The exit of the spare that the browser would try first.
    const gone = circuits()[1]!.host.split('.')[1]!;
    let wasEmpty = false;
    const stop = world.app.watch(TAB, ({ status }) => (wasEmpty ||= status.is !== 'private'));
    end(entry!, inUse!.host.split('.')[1]!, gone);
    await expect.poll(() => entries().includes(entry!)).toBe(false);
    await world.idle();
    stop();
    expect(wasEmpty).toBe(false);
    expect(circuits().length).toBeGreaterThan(0);
  });
});

test('the end of a line is looked at before the events of pages that stand in the queue', async () => {
  const { promise: asked, resolve } = Promise.withResolvers<string>();
  const stored = (): string => JSON.stringify(world.browser.stored.session.get('tabs'));
  world.answer = (url, exit) => {
    resolve(stored());
    return world.honest(url, exit);
  };
  for (let page = 0; page < PAGES; page += 1) navigate(`https://page${page}.test/`);
  world.entryLost(entries()[0]!);
  expect(await asked).not.toContain(`page${PAGES - 1}.test`);
  await world.idle();
  expect(stored()).toContain(`page${PAGES - 1}.test`);
});

test('a page that failed before its navigation had its turn is held once, and not loaded into the tab again', async () => {
  world.answer = () => Promise.reject(new Error('gone'));
  for (const { label } of world.network.entries) world.dead.add(label);
  for (const { label } of world.network.entries) world.entryLost(label);
  await world.until(TAB, 'blocked');
  await world.idle();
  world.browser.log.length = 0;
  navigate();
  fail('proxy');
  await world.idle();
  expect(loads()).toEqual([`hold ${TAB} ${PAGE}`]);
});

test('our page that comes late takes no page away that has begun meanwhile', async () => {
  const gate = Promise.withResolvers<undefined>();
  world.browser.errorPages = gate.promise;
  navigate();
  fail('proxy');
  await world.settled();
  navigate();
  gate.resolve(undefined);
  await world.idle();
  expect(loads()).toEqual([]);
});

describe('a tab that went on to another page while the one before stood in the queue', () => {
  const NEXT = 'https://shop.test/after';
  const SLOW_MS = SLOW_PAGE_MS + 1;
  /** What stands in the queue before. */
  const crowd = (): void => {
    for (let page = 1; page < PAGES; page += 1) navigate(`https://page${page}.test/`, TAB + page);
  };

  test('is not sent back to one that was slow', async () => {
    const { promise: asked, resolve: isAsked } = Promise.withResolvers<undefined>();
    const gone = Promise.withResolvers<never>();
    navigate();
    await world.settled();
    world.answer = () => {
      isAsked(undefined);
      return gone.promise;
    };
    world.browser.elapse(SLOW_MS);
    await asked;
    const [entry] = entries();
    end(entry!);
    crowd();
    world.app.events.committed({ tab: TAB, url: PAGE, isMain: true, at: 0 });
    navigate(NEXT);
    gone.reject(new Error('gone'));
    await world.idle();
    expect(loads().filter((line) => line.endsWith(PAGE))).toEqual([]);
  });

  test('is not shown our page for one that failed', async () => {
    navigate();
    await world.settled();
    crowd();
    fail('unsure');
    navigate(NEXT);
    world.answer = () => Promise.reject(new Error('gone'));
    await world.idle();
    expect(loads().filter((line) => line.endsWith(PAGE))).toEqual([]);
  });
});

describe('Firefox: a page that TLS failed for', () => {
  beforeEach(() => begin('tab'));

  test('through a circuit that has been given up meanwhile goes on by another', async () => {
    navigate();
    await world.settled();
    world.browser.now += 1;
    end(entries()[0]!);
    await expect.poll(() => new Set(entries()).size).toBe(1);
    await world.idle();
    fail('unsure');
    await expect.poll(loads).toEqual([`hold ${TAB} ${PAGE}`]);
  });

  test('that begins before the policy without it is in force goes on by another, too', async () => {
    const gate = Promise.withResolvers<undefined>();
    const [entry] = entries();
    world.browser.follows = gate.promise;
    end(entry!);
    await expect.poll(() => JSON.stringify(world.browser.stored.session.get('circuit'))).not.toContain(entry);
    world.browser.now += 1;
    navigate();
    world.browser.now += 1;
    gate.resolve(undefined);
    await world.idle();
    fail('unsure');
    await expect.poll(loads).toEqual([`hold ${TAB} ${PAGE}`]);
  });

  test('after that is left to the browser while the circuit stands: it is the certificate of the site', async () => {
    end(entries()[0]!);
    await expect.poll(() => new Set(entries()).size).toBe(1);
    await world.idle();
    world.browser.now += 1;
    navigate();
    await world.settled();
    fail('unsure');
    await world.idle();
    expect(loads()).toEqual([]);
  });
});

test('what pages that wait are shown is read once for all of them', async () => {
  let looks = 0;
  const seen: number[] = [];
  const feed = createFeed(
    async () => {
      const look = (looks += 1);
      return (tab: number) => [look, tab];
    },
    (error) => expect.unreachable(String(error)),
  );
  for (let tab = 0; tab < PAGES; tab += 1) feed.watch(tab, ([, of]) => void seen.push(of!));
  await expect.poll(() => seen.length).toBe(PAGES);
  const before = looks;
  await feed.publish();
  expect(looks).toBe(before + 1);
  expect(seen).toHaveLength(2 * PAGES);
});

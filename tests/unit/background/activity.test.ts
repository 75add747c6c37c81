// What the worker says of activity, what it writes to the disk and when, and that the switch deletes it.

import { beforeEach, describe, expect, test } from 'vitest';
import type { ActivityView } from '../../../src/core/activity/activity-view.ts';
import type { AnswerBody } from '../../../src/core/traffic/request-news.ts';
import { World } from '../../support/fakes/world.ts';

const TAB = 1;
const OTHER = 2;
const POPUP = { kind: 'popup', tab: undefined } as const;

let world: World;
let requests = 0;
beforeEach(async () => {
  world = await World.create();
  world.browser.addTab(TAB, 'https://a.test/');
  world.browser.addTab(OTHER, 'https://b.test/');
  await world.start();
  await world.set(TAB, true);
  await world.until(TAB, 'private');
});

const read = (): Promise<ActivityView> => world.app.handlers['activity/read']({}, POPUP);
const keep = (wanted: boolean): Promise<ActivityView> => world.app.handlers['activity/keep-days']({ wanted }, POPUP);
const onDisk = () => JSON.stringify([...world.browser.stored.local]);
const days = () => (world.browser.stored.local.get('day-totals') as { value: unknown } | undefined)?.value;
const writes = () => world.browser.log.filter((line) => line === 'store day-totals').length;

async function load(bytes: number, tab = TAB): Promise<void> {
  const { circuit } = await world.look(TAB);
  const entry = world.network.records.find(({ operator }) => operator === circuit!.entry.operator)!.entry!;
  const about = { id: String((requests += 1)), tab, at: world.browser.now };
  const body: AnswerBody = { is: 'announced', bytes, partial: false };
  world.requestNews?.({ ...about, is: 'begun', sends: false, isSocket: false, isPage: false });
  world.requestNews?.({ ...about, is: 'answered', address: entry.addresses[0], body });
  world.requestNews?.({ ...about, is: 'ended', how: 'whole' });
}

async function written(): Promise<void> {
  world.browser.elapse(5_000);
  await world.idle();
}

describe('activity', () => {
  test('is of this second, this tab, today and the relays in use', async () => {
    await load(2_000_000);
    await load(500_000, 7);
    const view = await read();
    expect(view.seconds.at(-1)).toBe(2_500_000);
    expect(view.days).toHaveLength(30);
    expect(view.days.at(-1)).toMatchObject({ bytes: 2_500_000, spent: '0' });
    expect(view.tabs).toEqual([{ tab: TAB, bytes: 2_000_000, cost: '0' }]);
    const { circuit } = await world.look(TAB);
    const hop = view.hops.find(({ entry }) => entry.operator === circuit!.entry.operator);
    expect(hop).toMatchObject({ bytes: 2_500_000, atEntry: '0', atExit: '0' });
    expect(hop?.exits).toContain(circuit!.exit.operator);
    // No title, no host: the popup asks the browser itself.
    expect(JSON.stringify(view)).not.toMatch(/\.test|https?:/);
  });

  test('comes to the first view by itself, and no oftener than each second', async () => {
    const seen: (number | undefined)[] = [];
    const stop = world.app.watch(TAB, ({ traffic }) => seen.push(traffic?.bytes));
    await world.idle();
    expect(seen).toEqual([undefined]);
    for (let at = 0; at < 10; at += 1) await load(1_000);
    await world.idle();
    expect(seen).toEqual([undefined]);
    world.browser.elapse(1_000);
    await world.idle();
    expect(seen).toEqual([undefined, 10_000]);
    for (let at = 0; at < 30; at += 1) {
      await load(1_000);
      world.browser.elapse(100);
      await world.idle();
    }
    // In three seconds.
    expect(seen.length).toBeLessThanOrEqual(2 + 3);
    expect(seen.at(-1)).toBeGreaterThan(30_000);
    stop();
    expect((await world.look(OTHER)).traffic).toBeUndefined();
  });

  test('is written once for many requests, some seconds later, and outlives worker and browser', async () => {
    for (let at = 0; at < 100; at += 1) await load(1_000);
    expect(writes()).toBe(0);
    await written();
    expect(writes()).toBe(1);
    await world.restartWorker();
    expect((await read()).days.at(-1)?.bytes).toBe(100_000);
    world.kill();
    world.browser.restart([{ id: TAB, url: 'https://a.test/' }]);
    await world.start();
    expect((await read()).days.at(-1)?.bytes).toBe(100_000);
    expect((await read()).tabs).toEqual([]);
  });

  test('that a killed worker had not written is all that is lost', async () => {
    await load(1_000);
    await written();
    await load(2_000);
    await world.restartWorker();
    expect((await read()).days.at(-1)?.bytes).toBe(1_000);
  });
});

describe('the switch', () => {
  test('deletes what is kept at once, and nothing more is written', async () => {
    await load(1_234_567);
    await written();
    expect(onDisk()).toContain('1234567');
    await load(7_654_321);
    const view = await keep(false);
    expect(view).toMatchObject({ keepsDays: false, days: [] });
    expect(days()).toEqual({ keeps: false, days: [] });
    await written();
    await load(3_333_333);
    await written();
    for (const sum of ['1234567', '7654321', '3333333', '8888888', '12222221']) expect(onDisk()).not.toContain(sum);
    // The wallet's sum of today is one of a day as well.
    const ofWallet = world.browser.stored.local.get('traffic-day') as { value: unknown };
    expect(ofWallet.value).toEqual({ day: 0, bytes: 0 });
    await world.restartWorker();
    expect(await read()).toMatchObject({ keepsDays: false, days: [] });
    // What is in memory only is still shown.
    expect((await read()).tabs[0]?.bytes).toBe(12_222_221);
  });

  test('turned on again begins with nothing', async () => {
    await load(1_000);
    await written();
    await keep(false);
    await keep(true);
    expect((await read()).days.at(-1)?.bytes).toBe(0);
    await load(2_000);
    await written();
    expect((await read()).days.at(-1)?.bytes).toBe(2_000);
  });

  test('is off where nobody can read how it was', async () => {
    world.browser.stored.local.set('day-totals', { version: 1, value: 'nonsense' });
    await world.restartWorker();
    expect(await read()).toMatchObject({ keepsDays: false, days: [] });
  });
});

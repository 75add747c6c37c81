// "Today" is the person's own day, for the wallet, its limits and Activity alike, in zones a day ahead of UTC and half an hour beside it.

import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createPaymentStore } from '../../../background/payments/payment-store.ts';
import type { Hex } from '../../../src/core/payment/hex.ts';
import { newChannel } from '../../../src/core/session/payer-channel.ts';
import { bookChannel } from '../../../src/core/session/payment-book.ts';
import { createCells } from '../../../src/platform/storage.ts';
import { FakeBrowser } from '../../support/fakes/browser.ts';
import { World } from '../../support/fakes/world.ts';
import { QUESTION } from '../../support/payment-values.ts';

const TAB = 1;
const POPUP = { kind: 'popup', tab: undefined } as const;
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const CHANNEL: Hex = `0x${'c4'.repeat(32)}`;

/** UTC+14, UTC-3:30 and UTC-11, whose midnights are all at other times of UTC's day. */
const ZONES = ['UTC', 'Pacific/Kiritimati', 'America/St_Johns', 'Pacific/Niue'];

const zone = process.env['TZ'];
afterEach(() => {
  if (zone === undefined) delete process.env['TZ'];
  else process.env['TZ'] = zone;
});

/** The midnight with which 29 November 2026 begins there, in ms since the epoch. */
const midnight = (): number => new Date(2026, 10, 29).getTime();
/** The midnight of UTC that comes first after it. */
const midnightOfUtc = (): number => Math.ceil(midnight() / (24 * HOUR)) * 24 * HOUR;

describe.each(ZONES)('in %s', (name) => {
  beforeEach(() => {
    process.env['TZ'] = name;
  });

  test('what private tabs carried is of one day for the wallet and for Activity, until midnight on the wall', async () => {
    const world = await World.create();
    world.browser.now = midnight() - MINUTE;
    world.browser.addTab(TAB, 'https://a.test/');
    await world.start();
    await world.set(TAB, true);
    await world.until(TAB, 'private');
    const today = async (): Promise<unknown[]> => {
      const wallet = await world.app.handlers['payments/status']({ tab: TAB, direct: false }, POPUP);
      const activity = await world.app.handlers['activity/read']({}, POPUP);
      return [wallet.today.bytes, activity.days.at(-1)?.bytes];
    };
    const load = async (bytes: number): Promise<void> => {
      const { circuit } = await world.look(TAB);
      const { entry } = world.network.records.find(({ operator }) => operator === circuit!.entry.operator)!;
      const about = { id: String(world.browser.now), tab: TAB, at: world.browser.now };
      world.requestNews?.({ ...about, is: 'begun', sends: false, isSocket: false, isPage: false });
      world.requestNews?.({
        ...{ ...about, is: 'answered', address: entry!.addresses[0] },
        body: { is: 'announced', bytes, partial: false },
      });
      world.requestNews?.({ ...about, is: 'ended', how: 'whole' });
      world.browser.elapse(6_000);
      await world.idle();
    };
    await load(1_000);
    expect(await today()).toEqual([1_000, 1_000]);
    world.browser.now = midnight();
    expect(await today()).toEqual([0, 0]);
    await load(2_000);
    // UTC's midnight is none of the person's.
    world.browser.now = Math.max(midnightOfUtc(), world.browser.now);
    await load(4_000);
    expect(await today()).toEqual([6_000, 6_000]);
  });

  test('the limit of a day is one of that day', async () => {
    const browser = new FakeBrowser();
    const store = createPaymentStore({ cells: createCells(browser.areas), clock: browser.clock });
    const about = { key: 0, peer: 'p', operator: 'o', network: 'devnet', state: 'open' } as const;
    await store.change((book) => ({
      ...book,
      limits: { ...book.limits, perDay: 100n },
      channels: [bookChannel(newChannel(CHANNEL, QUESTION.config), about)],
    }));
    const promise = async (at: number, sum: bigint): Promise<string> => {
      browser.now = at;
      const book = store.of({ peer: 'p', network: 'devnet' });
      return (await book.promise(CHANNEL, (channel) => ({ channel, sum }), 0n)).is;
    };
    expect(await promise(midnight() - MINUTE, 100n)).toBe('promised');
    expect(await promise(midnight() - 1, 101n)).toBe('refuse');
    expect(await promise(midnight(), 200n)).toBe('promised');
    expect(await promise(Math.max(midnightOfUtc(), midnight()), 201n)).toBe('refuse');
  });
});

test('whoever goes westwards over the date line has no day twice, and no second limit', async () => {
  const browser = new FakeBrowser();
  const store = createPaymentStore({ cells: createCells(browser.areas), clock: browser.clock });
  const about = { key: 0, peer: 'p', operator: 'o', network: 'devnet', state: 'open' } as const;
  await store.change((book) => ({
    ...book,
    limits: { ...book.limits, perDay: 100n },
    channels: [bookChannel(newChannel(CHANNEL, QUESTION.config), about)],
  }));
  const promise = async (sum: bigint): Promise<string> => {
    const book = store.of({ peer: 'p', network: 'devnet' });
    return (await book.promise(CHANNEL, (channel) => ({ channel, sum }), 0n)).is;
  };
  process.env['TZ'] = 'Pacific/Kiritimati';
  browser.now = midnight() + HOUR;
  expect(await promise(100n)).toBe('promised');
  process.env['TZ'] = 'Pacific/Niue';
  expect(await promise(101n)).toBe('refuse');
  // Niue has had its own 28 November since, and its 29 November.
  browser.now = midnight() + HOUR;
  expect(await promise(101n)).toBe('refuse');
  browser.now = midnight() + 25 * HOUR;
  expect(await promise(200n)).toBe('promised');
});

test('a zone that is set to and fro opens each date once, however early that is', async () => {
  const browser = new FakeBrowser();
  const store = createPaymentStore({ cells: createCells(browser.areas), clock: browser.clock });
  const about = { key: 0, peer: 'p', operator: 'o', network: 'devnet', state: 'open' } as const;
  await store.change((book) => ({
    ...book,
    limits: { ...book.limits, perDay: 100n },
    channels: [bookChannel(newChannel(CHANNEL, QUESTION.config), about)],
  }));
  let signed = 0n;
  const spendAll = async (): Promise<void> => {
    const book = store.of({ peer: 'p', network: 'devnet' });
    const { is } = await book.promise(CHANNEL, (channel) => ({ channel, sum: signed + 100n }), 0n);
    if (is === 'promised') signed += 100n;
  };
  process.env['TZ'] = 'Pacific/Niue';
  const from = midnight();
  for (let hour = 0; hour < 72; hour += 1) {
    browser.now = from + hour * HOUR;
    for (const name of ['Pacific/Niue', 'Pacific/Kiritimati', 'UTC']) {
      process.env['TZ'] = name;
      await spendAll();
    }
  }
  // Three dates of Niue, and the two that have begun in Kiritimati by then.
  expect(signed).toBe(500n);
});

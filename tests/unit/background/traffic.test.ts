// The worker's own count beside an entry's claim: who claims too much is left, and the person is told; and what the popup shows of it.

import { beforeEach, describe, expect, test } from 'vitest';
import { CHECK_FRESH_MS } from '../../../src/core/circuit/durations.ts';
import type { PaymentStatus } from '../../../src/core/payment/payment-status.ts';
import type { AnswerBody } from '../../../src/core/traffic/request-news.ts';
import { leaseStream, type LeaseEntry } from '../../support/fakes/lease-entry.ts';
import { World } from '../../support/fakes/world.ts';

const TAB = 1;
const NORMAL = 2;
const MIB = 1024 * 1024;

let world: World;
let entries: Map<string, LeaseEntry>;
let requests = 0;

beforeEach(async () => {
  world = await World.create();
  world.browser.addTab(TAB, 'https://a.test/');
  world.browser.addTab(NORMAL, 'https://b.test/');
  entries = new Map(world.network.entries.map(({ label }, index) => [label, { port: 9001 + index }]));
  world.session = (peer) => {
    const entry = entries.get(peer);
    return (
      entry &&
      leaseStream(
        world.network.entries.find(({ label }) => label === peer)!,
        entry,
      )
    );
  };
  await world.start();
});

const addressOf = (label: string): string =>
  world.network.records.find(({ peer }) => peer === label)?.entry?.addresses[0] ?? 'none';

/** The entry of the circuit in use. */
async function inUse(tab = TAB): Promise<{ peer: string; operator: string; meter: (bytes: number) => Promise<void> }> {
  const { circuit } = await world.until(tab, 'private');
  const { operator } = circuit!.entry;
  const peer = world.network.records.find((record) => record.operator === operator)!.peer;
  const meter = async (bytes: number): Promise<void> => {
    entries.get(peer)!.meter!(BigInt(bytes));
    await world.idle();
  };
  return { peer, operator, meter };
}

function load(address: string | undefined, bytes: number, tab = TAB): void {
  const about = { id: String((requests += 1)), tab, at: world.browser.now };
  const body: AnswerBody = { is: 'announced', bytes, partial: false };
  world.requestNews?.({ ...about, is: 'begun', sends: false, isSocket: false, isPage: false });
  world.requestNews?.({ ...about, is: 'answered', address, body });
  world.browser.now += 1_000;
  world.requestNews?.({ ...about, at: world.browser.now, is: 'ended', how: 'whole' });
}

const status = (tab = TAB): Promise<PaymentStatus> =>
  world.app.handlers['payments/status']({ tab, direct: false }, { kind: 'popup', tab: undefined });

describe('an entry’s claim', () => {
  test('that the browser bears out is paid on', async () => {
    await world.set(TAB, true);
    const { peer, operator, meter } = await inUse();
    load(addressOf(peer), 30 * MIB);
    await meter(31 * MIB);
    expect((await status()).problem).toBeNull();
    expect((await world.look(TAB)).circuit?.entry.operator).toBe(operator);
  });

  test('of a tenth too much ends payment, leads to another entry, and is told', async () => {
    await world.set(TAB, true);
    const { peer, operator, meter } = await inUse();
    load(addressOf(peer), 30 * MIB);
    await meter(33 * MIB);
    const { circuit } = await world.until(TAB, 'private');
    expect(circuit?.entry.operator).not.toBe(operator);
    expect((await status()).problem).toBe('meter_apart');
  });

  test('is not held against what another entry carried, nor that against the other', async () => {
    await world.set(TAB, true);
    const { peer, operator, meter } = await inUse();
    const other = world.network.entries.find(({ label }) => label !== peer)!;
    load(addressOf(peer), 30 * MIB);
    load(addressOf(other.label), 50 * MIB);
    await meter(31 * MIB);
    expect((await world.look(TAB)).circuit?.entry.operator).toBe(operator);
    await meter(31 * MIB + 50 * MIB);
    expect((await status()).problem).toBe('meter_apart');
  });

  test('is still held against what a worker counted that died, from the opening of the next stream on', async () => {
    await world.set(TAB, true);
    const { peer } = await inUse();
    load(addressOf(peer), 30 * MIB);
    world.browser.elapse(3_000);
    await world.idle();
    // So long that the new worker takes up the lines to its entries again.
    world.browser.now += CHECK_FRESH_MS + 1;
    await world.restartWorker();
    const { operator, meter } = await inUse();
    await world.idle();
    expect((await status()).tab).toMatchObject({ bytes: 30 * MIB });
    // Of the stream that is new nothing has passed: what passed before excuses nothing.
    load(addressOf(peer), 20 * MIB);
    await meter(50 * MIB);
    expect((await world.until(TAB, 'private')).circuit?.entry.operator).not.toBe(operator);
    expect((await status()).problem).toBe('meter_apart');
  });
});

describe('what the popup shows', () => {
  test('is the bytes of this tab and of today, and nothing of what went direct', async () => {
    await world.set(TAB, true);
    const { peer } = await inUse();
    load(addressOf(peer), 2_000_000);
    load(addressOf(peer), 1_000_000, 5);
    load('203.0.113.1', 7_000_000, NORMAL);
    expect(await status()).toMatchObject({ tab: { bytes: 2_000_000 }, today: { bytes: 3_000_000 } });
    expect((await status(NORMAL)).tab).toBeNull();
  });

  test('of today outlives the browser, and ends with the day', async () => {
    await world.set(TAB, true);
    const { peer } = await inUse();
    load(addressOf(peer), 2_000_000);
    world.browser.elapse(3_000);
    await world.idle();
    world.kill();
    world.browser.restart([{ id: TAB, url: 'https://a.test/' }]);
    await world.start();
    expect(await status()).toMatchObject({ tab: null, today: { bytes: 2_000_000 } });
    world.browser.now += 86_400_000;
    expect(await status()).toMatchObject({ today: { bytes: 0 } });
  });
});

test('nobody listens to the browser’s requests while nothing is private', async () => {
  await world.idle();
  expect(world.requestNews).toBeUndefined();
  await world.set(TAB, true);
  await world.until(TAB, 'private');
  expect(world.requestNews).toBeDefined();
  await world.set(TAB, false);
  await world.until(TAB, 'off');
  await world.idle();
  expect(world.requestNews).toBeUndefined();
});

test('requests that come before the stored state is read are counted, and no storage is written for each', async () => {
  await world.set(TAB, true);
  const { peer } = await inUse();
  world.kill();
  const starting = world.start();
  load(addressOf(peer), 4_000_000);
  await starting;
  expect((await status()).tab).toMatchObject({ bytes: 4_000_000 });
  world.browser.log.length = 0;
  for (let each = 0; each < 50; each += 1) load(addressOf(peer), 1_000);
  world.browser.elapse(3_000);
  await world.idle();
  expect(world.browser.log.filter((line) => line === 'store traffic').length).toBeLessThanOrEqual(2);
});

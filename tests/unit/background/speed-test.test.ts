// The speed test: what it asks and of whom, what it says of each way to end, and that it always ends.

import { beforeEach, describe, expect, test } from 'vitest';
import { bitsPerSecond, DOWN_BYTES, median, UP_BYTES, type SpeedView } from '../../../src/core/activity/speed.ts';
import { checkHostOf } from '../../../src/core/circuit/circuit-check.ts';
import { isSpeedUrl, MAX_SPEED_BYTES, parseSpeedCount, speedUrl } from '../../../src/core/circuit/speed-test.ts';
import { TransferError } from '../../../src/ports/transfers.ts';
import { World } from '../../support/fakes/world.ts';

const TAB = 1;
const POPUP = { kind: 'popup', tab: undefined } as const;

let world: World;
beforeEach(async () => {
  world = await World.create();
  world.browser.addTab(TAB, 'https://a.test/');
  await world.start();
});

const start = (): Promise<SpeedView> => world.app.handlers['activity/start-speed']({}, POPUP);
const cancel = (): Promise<SpeedView> => world.app.handlers['activity/cancel-speed']({}, POPUP);
const speed = async (): Promise<SpeedView> => (await world.app.handlers['activity/read']({}, POPUP)).speed;
async function ended(): Promise<SpeedView> {
  await expect.poll(async () => (await speed()).is).not.toBe('running');
  return speed();
}
async function goPrivate(): Promise<void> {
  await world.set(TAB, true);
  await world.until(TAB, 'private');
}
/** Rejects when the signal says so, and does nothing else. */
const never = (signal: AbortSignal) =>
  new Promise<never>((_, reject) => signal.addEventListener('abort', () => reject(new Error('aborted'))));

describe('a test', () => {
  test('asks the exit of the circuit in use alone, and says what came of it', async () => {
    await goPrivate();
    const asked: string[] = [];
    world.transfers = {
      down: async (url, { onBytes }) => {
        asked.push(url);
        onBytes(1_000);
        return { bytes: DOWN_BYTES, ms: 560 };
      },
      up: async (url, bytes) => {
        asked.push(`${url} ${bytes}`);
        return { ms: 10_000 };
      },
    };
    expect(await start()).toMatchObject({ is: 'running', phase: 'latency' });
    const done = await ended();
    expect(done).toMatchObject({ is: 'done', downBitsPerSecond: 100_000_000 });
    if (done.is !== 'done') throw new Error('it is not done');
    expect(done.upBitsPerSecond).toBeGreaterThan(2_300_000);
    const { circuits } = (
      world.browser.stored.session.get('circuit') as { value: { circuits: { circuit: { proxyHost: string } }[] } }
    ).value;
    const host = checkHostOf(circuits[0]!.circuit.proxyHost);
    expect(asked).toEqual([`http://${host}/bytes?count=${DOWN_BYTES}`, `http://${host}/bytes ${UP_BYTES}`]);
  });

  test('without a circuit asks nobody', async () => {
    await start();
    expect(await ended()).toMatchObject({ is: 'failed', why: 'no-circuit' });
  });

  test('that is begun twice is one', async () => {
    await goPrivate();
    world.transfers = { ...world.transfers, down: (_, { cancel: signal }) => never(signal) };
    const first = await start();
    const second = await start();
    expect(first.is === 'running' && second.is === 'running' && first.run === second.run).toBe(true);
    await cancel();
  });

  test.each([
    [new TransferError(400), 'not-offered'],
    [new TransferError(429), 'too-often'],
    [new TransferError(502), 'no-answer'],
    [new Error('the network'), 'no-answer'],
  ])('that ends with %s says %s', async (error, why) => {
    await goPrivate();
    world.transfers = { ...world.transfers, down: () => Promise.reject(error) };
    await start();
    expect(await ended()).toMatchObject({ is: 'failed', why });
  });

  test('that is cancelled ends at once, and another one can begin', async () => {
    await goPrivate();
    world.transfers = { ...world.transfers, down: (_, { cancel: signal }) => never(signal) };
    await start();
    await world.idle();
    expect(await cancel()).toMatchObject({ is: 'failed', why: 'cancelled' });
    await world.idle();
    const before = await speed();
    const again = await start();
    expect(again).toMatchObject({ is: 'running' });
    expect(again.is === 'running' && before.is === 'failed' && again.run !== before.run).toBe(true);
    await cancel();
  });

  test('whose way up takes too long keeps what was measured down', async () => {
    await goPrivate();
    world.transfers = {
      down: () => Promise.resolve({ bytes: DOWN_BYTES, ms: 1_000 }),
      up: (_, _bytes, { signal }) => never(signal),
    };
    await start();
    await expect.poll(async () => (await speed()) as unknown).toMatchObject({ phase: 'up' });
    world.browser.elapse(30_000);
    expect(await ended()).toMatchObject({ is: 'done', downBitsPerSecond: 56_000_000, upBitsPerSecond: null });
  });

  test('during which the circuit ended has no result', async () => {
    await goPrivate();
    world.transfers = {
      down: async () => {
        await world.set(TAB, false);
        return { bytes: DOWN_BYTES, ms: 1_000 };
      },
      up: () => Promise.resolve({ ms: 1_000 }),
    };
    await start();
    expect(await ended()).toMatchObject({ is: 'failed', why: 'circuit-changed' });
  });

  test('that died with its worker is none', async () => {
    await goPrivate();
    world.transfers = { ...world.transfers, down: (_, { cancel: signal }) => never(signal) };
    await start();
    await world.restartWorker();
    expect(await speed()).toEqual({ is: 'none' });
  });
});

describe('figures', () => {
  test('are the middle of what was measured, and no division by nothing', () => {
    expect([median([5]), median([9, 1, 5]), median([1, 2, 4, 100])]).toEqual([5, 5, 3]);
    expect([bitsPerSecond(1_000_000, 1_000), bitsPerSecond(1, 0), bitsPerSecond(0, -5)]).toEqual([8_000_000, 8_000, 0]);
  });
});

describe('the URLs', () => {
  test('are of one circuit, and are told from every other', () => {
    const host = checkHostOf('127-0-1-1.kexit.zone.test');
    expect(isSpeedUrl(speedUrl(host, 5))).toBe(true);
    expect(isSpeedUrl(speedUrl(host))).toBe(true);
    for (const url of [
      ...['http://circuit.conet.internal/bytes', 'http://at.circuit.conet.internal/bytes', `http://${host}/`],
      ...[`https://${host}/bytes`, `http://${host}:81/bytes`, `http://${host}.evil.test/bytes`, 'nonsense', ''],
    ])
      expect(isSpeedUrl(url)).toBe(false);
  });

  test('ask for some bytes, and not for more than an exit sends', () => {
    expect(parseSpeedCount(String(MAX_SPEED_BYTES))).toBe(MAX_SPEED_BYTES);
    for (const text of [null, '', '0', '01', '-1', '1.0', '1e3', ' 1', String(MAX_SPEED_BYTES + 1), '9'.repeat(30)])
      expect(parseSpeedCount(text)).toBeUndefined();
  });
});

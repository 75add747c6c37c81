// Green means verified (I5): every way in which the check can go wrong ends in another circuit or in `blocked`, never in green.

import { beforeEach, describe, expect, test } from 'vitest';
import { LINES_STAY_MS, VISIT_STAYS_MS } from '../../../src/core/circuit/durations.ts';
import { createRelay, signedAnswer, type FakeRelay } from '../../support/fakes/relays.ts';
import { World } from '../../support/fakes/world.ts';

const TAB = 1;

let world: World;
let green: string[];
beforeEach(async () => {
  world = await World.create();
  world.browser.addTab(TAB, 'https://shop.test/');
  await world.start();
  green = world.browser.log;
});

const exitOf = (label: string): FakeRelay => world.network.exits.find((relay) => relay.label === label)!;

const wasGreen = (): boolean => green.includes(`badge ${TAB} private`) || green.includes(`reload ${TAB}`);

describe('an answer that is not the exit’s', () => {
  const lies: Record<string, (url: string, exit: string) => Promise<unknown>> = {
    'is signed by another key': async (url, exit) => {
      const stranger = await createRelay();
      return signedAnswer({ label: exit, key: stranger.key }, url, world.entryOf(url));
    },
    'comes from another relay, rightly signed': async (url) =>
      signedAnswer(await createRelay(), url, world.entryOf(url)),
    'is an old one, of another nonce': async (_, exit) =>
      world.honest(`http://circuit.conet.internal/?nonce=${'ab'.repeat(32)}`, exit),
    'has another nonce pasted in': async (url, exit) => ({
      ...((await world.honest(`http://circuit.conet.internal/?nonce=${'ab'.repeat(32)}`, exit)) as object),
      nonce: new URL(url).searchParams.get('nonce'),
    }),
    'has a broken signature': async (url, exit) => ({
      ...((await world.honest(url, exit)) as object),
      signature: '00'.repeat(64),
    }),
    'has another entry pasted in': async (url, exit) => ({
      ...((await signedAnswer(exitOf(exit), url, world.network.entries[0]!.label)) as object),
      entry: world.network.entries[1]!.label,
    }),
    'is no answer': async () => '<html>captive portal</html>',
  };

  for (const [name, lie] of Object.entries(lies)) {
    test(`${name}: blocked, never green`, async () => {
      world.answer = lie;
      await world.set(TAB, true);
      const { status } = await world.until(TAB, 'blocked');
      expect(status).toMatchObject({ why: 'check-refused' });
      expect(wasGreen()).toBe(false);
      expect(world.browser.policy).toMatchObject({ active: true, circuits: [] });
    });
  }

  test.each([
    ['by another entry than the chosen one', () => world.network.entries],
    ['by an entry that it cannot tell', () => [undefined]],
  ])('that came %s: blocked, never green', async (_, others) => {
    world.answer = (url, exit) => {
      const by = others().find((entry) => entry?.label !== world.entryOf(url));
      return signedAnswer(exitOf(exit), url, by?.label);
    };
    await world.set(TAB, true);
    const { status } = await world.until(TAB, 'blocked');
    expect(status).toMatchObject({ why: 'check-entry' });
    expect(wasGreen()).toBe(false);
    expect(world.browser.policy).toMatchObject({ active: true, circuits: [] });
  });

  test('that never comes is blocked too', async () => {
    world.answer = () => Promise.reject(new Error('ERR_PROXY_CONNECTION_FAILED'));
    await world.set(TAB, true);
    expect((await world.until(TAB, 'blocked')).status).toMatchObject({ why: 'check-unreachable' });
    expect(wasGreen()).toBe(false);
  });
});

describe('another circuit', () => {
  test('is tried when an exit lies, and the tab goes green on an honest one', async () => {
    const liar = world.circuits[0]?.exit.peer;
    world.answer = (url, exit) => (exit === liar ? Promise.resolve('no') : world.honest(url, exit));
    await world.set(TAB, true);
    const { circuit } = await world.until(TAB, 'private');
    expect(circuit?.exit.operator).not.toBe('cedar');
  });

  test('is tried when an entry does not answer: its circuits are never put into force', async () => {
    const [alder, birch] = world.network.entries;
    world.dead.add(alder!.label);
    await world.set(TAB, true);
    const { circuit } = await world.until(TAB, 'private');
    expect(circuit?.entry.operator).toBe('birch');
    expect(world.browser.policy?.relayHosts).toEqual([expect.stringContaining(birch!.label)]);
  });

  test('is tried when nothing comes back on the line to an entry', async () => {
    const [alder] = world.network.entries;
    world.mute.add(alder!.label);
    await world.set(TAB, true);
    const { circuit } = await world.until(TAB, 'private');
    expect(circuit?.entry.operator).toBe('birch');
  });

  test('of each entry that does not answer is tried once: then the tab is blocked, and the next round waits', async () => {
    for (const { label } of world.network.entries) world.dead.add(label);
    await world.set(TAB, true);
    expect((await world.until(TAB, 'blocked')).status).toMatchObject({ why: 'entry-unreachable' });
    expect(new Set(world.reached).size).toBe(world.network.entries.length);
    expect(world.reached).toHaveLength(world.network.entries.length);
    const first = world.browser.alarms.get('retry-circuit')! - world.browser.now;
    world.browser.fire('retry-circuit');
    await expect.poll(() => world.reached.length).toBe(2 * world.network.entries.length);
    await world.until(TAB, 'blocked');
    await world.settled();
    expect(world.browser.alarms.get('retry-circuit')! - world.browser.now).toBeGreaterThan(first);
  });

  test('is found when the person does not want to wait, and the tab is loaded through it', async () => {
    for (const { label } of world.network.entries) world.dead.add(label);
    await world.set(TAB, true);
    await world.until(TAB, 'blocked');
    world.dead.clear();
    await world.app.handlers['circuit/try-again']({ tab: TAB }, { kind: 'popup', tab: undefined });
    await world.until(TAB, 'private');
    expect(green).toContain(`reload ${TAB}`);
  });

  test('without relays there is none, and that is said', async () => {
    world.network.records.length = 0;
    world.browser.stored.local.delete('relays');
    await world.restartWorker();
    await world.set(TAB, true);
    expect((await world.until(TAB, 'blocked')).status).toMatchObject({ why: 'no-relays' });
  });

  test('of two operators only is none', async () => {
    for (const record of world.network.records) record.operator = 'same';
    world.browser.stored.local.delete('relays');
    await world.restartWorker();
    await world.set(TAB, true);
    expect((await world.until(TAB, 'blocked')).status).toMatchObject({ why: 'no-pair' });
    // They are asked whether they know of others, and left again.
    expect(world.left).toEqual([]);
    world.browser.elapse(VISIT_STAYS_MS);
    await world.idle();
    expect(world.left).toEqual(world.reached);
    expect(world.browser.policy?.checked).toEqual([]);
  });
});

test('private again, it goes by the circuit of before, to which the browser may still have connections', async () => {
  await world.set(TAB, true);
  await world.until(TAB, 'private');
  const [before] = world.browser.policy!.circuits;
  for (const draw of [0.3, 0.6, 0.99]) {
    await world.set(TAB, false);
    await world.idle();
    world.draw = draw;
    await world.set(TAB, true);
    await world.until(TAB, 'private');
    expect(world.browser.policy!.circuits[0]).toEqual(before);
    await world.idle();
  }
});

test('the lines to the entries stay for a minute after the end, and no longer', async () => {
  await world.set(TAB, true);
  await world.until(TAB, 'private');
  await world.set(TAB, false);
  await world.idle();
  world.browser.elapse(LINES_STAY_MS / 2);
  await world.set(TAB, true);
  await world.until(TAB, 'private');
  world.browser.elapse(LINES_STAY_MS);
  await world.idle();
  expect(world.stops, 'somebody needs them').toBe(0);
  await world.set(TAB, false);
  await world.idle();
  expect(world.stops).toBe(0);
  world.browser.elapse(LINES_STAY_MS);
  await world.idle();
  expect(world.stops).toBe(1);
});

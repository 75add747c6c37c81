// Names of spare exits are resolved at drawn times as well, and what pages go by stays.

import { beforeEach, describe, expect, test } from 'vitest';
import { BEAT_MS, ROTATE_MS } from '../../../src/core/circuit/durations.ts';
import { createRelay } from '../../support/fakes/relays.ts';
import { World } from '../../support/fakes/world.ts';

const TAB = 1;
/** Drawn for the first time: `ROTATE_MS` from now. */
const AVERAGE = 1 - Math.exp(-1);

let world: World;
const names = (): string[] => world.browser.policy!.circuits.map(({ host }) => host);
/** The circuit of each slot of sites. */
const goBy = (): (string | undefined)[] => (world.browser.policy!.sites?.slots ?? []).map((at) => names()[at]);
const beat = async (): Promise<void> => {
  world.browser.elapse(BEAT_MS);
  await world.idle();
};

/** As many exits more as are wanted, each with an operator, payee and network of its own. */
async function begin(scope: World['scope'], more: number): Promise<void> {
  world = await World.create();
  world.scope = scope;
  const model = world.network.records.find(({ exit }) => exit !== undefined)!;
  for (let index = 0; index < more; index += 1) {
    const relay = await createRelay();
    world.network.exits.push(relay);
    const payee = `0x${String(100 + index).padStart(40, '0')}`;
    const exit = { ...model.exit!, addresses: [`127.${100 + index}.0.1`] };
    world.network.records.push({ ...model, peer: relay.label, operator: `operator-${index}`, payee, exit });
  }
  world.draw = AVERAGE;
  world.browser.addTab(TAB, 'https://shop.test/');
  await world.start();
  await world.set(TAB, true);
  await world.until(TAB, 'private');
  await world.idle();
}

describe.each(['site', 'tab'] as const)('in a browser that tells a %s apart', (scope) => {
  beforeEach(() => begin(scope, 20));

  test('another spare comes when its time has come, not before, and what pages go by stays', async () => {
    await beat();
    const before = names();
    const sites = goBy();
    await beat();
    expect(names()).toEqual(before);
    world.browser.now += ROTATE_MS;
    await beat();
    const after = names();
    const fresh = after.filter((name) => !before.includes(name));
    expect(fresh).toHaveLength(1);
    expect(after[0]).toBe(before[0]);
    expect(goBy()).toEqual(sites);
    world.browser.now += ROTATE_MS;
    await beat();
    expect(names()).toHaveLength(after.length);
    expect(names().filter((name) => !after.includes(name))).toHaveLength(1);
    expect(names()[0]).toBe(before[0]);
    expect((await world.look(TAB)).status.is).toBe('private');
  });
});

test('a network with few names left keeps them for a new identity', async () => {
  await begin('site', 0);
  await beat();
  const before = names();
  world.browser.now += 2 * ROTATE_MS;
  await beat();
  expect(names()).toEqual(before);
});

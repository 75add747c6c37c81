// What a person is told of by a notification: somebody else took the protection away, or money is wanted. Once, and nothing else.

import { beforeEach, describe, expect, test } from 'vitest';
import { NOTHING_NOTICED, stepNotices, type Noticed } from '../../../src/core/state/notices.ts';
import type { TabStatus } from '../../../src/core/state/tab-status.ts';
import { World } from '../../support/fakes/world.ts';

const blocked = (why: Extract<TabStatus, { is: 'blocked' }>['why']): TabStatus => ({
  is: 'blocked',
  why,
  name: undefined,
});
const step = (before: Noticed, ...statuses: TabStatus[]) =>
  stepNotices(before, new Map(statuses.map((each, tab) => [tab, each])));

describe('a notification', () => {
  test.each([
    ['other-extension', 'lost'],
    ['managed', 'lost'],
    ['steering-failed', 'lost'],
    ['payment-needed', 'money'],
  ] as const)('is shown for %s: %s', (why, kind) => {
    expect(step(NOTHING_NOTICED, { is: 'private' }, blocked(why)).begun).toEqual([{ kind, tab: 1 }]);
  });

  test.each(['offline', 'no-relays', 'entry-unreachable', 'too-slow', 'check-certificate'] as const)(
    'is not shown for %s, which the page that waits says',
    (why) => {
      expect(step(NOTHING_NOTICED, blocked(why))).toEqual({ noticed: NOTHING_NOTICED, begun: [], ended: [] });
    },
  );

  test('comes once for all tabs, and again only after it was over', () => {
    const first = step(NOTHING_NOTICED, blocked('rival'), blocked('rival'));
    expect(first.begun).toEqual([{ kind: 'lost', tab: 0 }]);
    expect(step(first.noticed, blocked('rival')).begun).toEqual([]);
    // Between two attempts it is not over.
    const between = step(first.noticed, { is: 'connecting' });
    expect(between).toEqual({ noticed: first.noticed, begun: [], ended: [] });
    expect(step(between.noticed, blocked('rival')).begun).toEqual([]);
    const over = step(first.noticed, { is: 'private' });
    expect(over).toEqual({ noticed: NOTHING_NOTICED, begun: [], ended: ['lost'] });
    expect(step(over.noticed, blocked('rival')).begun).toHaveLength(1);
  });
});

describe('the worker', () => {
  const TAB = 1;
  let world: World;
  const told = (): string[] => world.browser.log.filter((line) => line.startsWith('notice'));
  beforeEach(async () => {
    world = await World.create();
    world.browser.addTab(TAB, 'https://shop.test/');
    await world.start();
    await world.set(TAB, true);
    await world.until(TAB, 'private');
  });

  test('says that another extension came, once, also over its own death, and takes it back when that is settled', async () => {
    const rival = { id: 'a'.repeat(32), name: 'Some VPN' };
    world.browser.rivalCame(rival);
    await world.until(TAB, 'blocked');
    await expect.poll(told).toEqual([`notice lost ${TAB}`]);
    await world.restartWorker();
    await world.until(TAB, 'blocked');
    expect(told()).toEqual([`notice lost ${TAB}`]);
    await world.browser.neighbourNames.turnOff(rival.id);
    await world.until(TAB, 'private');
    await expect.poll(told).toEqual([`notice lost ${TAB}`, 'notice lost over']);
  });
});

// What is on the button, though the browser wipes it whenever a tab's page changes.

import { expect, test } from 'vitest';
import { createBadges, type Badges } from '../../../background/badges.ts';
import type { TabStatus } from '../../../src/core/state/tab-status.ts';

const GREEN: TabStatus = { is: 'private' };
const OFF: TabStatus = { is: 'off' };
const TAB = 1;

/** Badges on a browser where something may happen while it draws. */
function setUp(whileDrawing: (badges: Badges) => void = () => undefined): { badges: Badges; drawn: string[] } {
  const drawn: string[] = [];
  const badges: Badges = createBadges({
    show: async (tab, { text }) => {
      drawn.push(`${tab} ${text}`);
      whileDrawing(badges);
    },
  });
  return { badges, drawn };
}

test('draws what changed, and once', async () => {
  const { badges, drawn } = setUp();
  for (const status of [OFF, GREEN, GREEN, OFF]) await badges.show(new Map([[TAB, status]]));
  expect(drawn).toEqual(['1 ON', '1 ']);
});

test('draws again what the browser wiped, also when it did so in the middle of drawing', async () => {
  let wipes = 1;
  const { badges, drawn } = setUp((own) => {
    if (wipes-- > 0) own.forget(TAB);
  });
  for (let pass = 0; pass < 3; pass++) await badges.show(new Map([[TAB, GREEN]]));
  expect(drawn).toEqual(['1 ON', '1 ON']);
});

test('knows nothing of a tab that was closed: its number may come again', async () => {
  const { badges, drawn } = setUp();
  await badges.show(new Map([[TAB, GREEN]]));
  await badges.show(new Map());
  await badges.show(new Map([[TAB, GREEN]]));
  expect(drawn).toEqual(['1 ON', '1 ON']);
});

test('draws all tabs at once: a pass waits for it', async () => {
  let drawing = 0;
  const { promise: all, resolve } = Promise.withResolvers<undefined>();
  const badges = createBadges({
    show: async () => {
      if (++drawing === 3) resolve(undefined);
      await all;
    },
  });
  await badges.show(new Map([1, 2, 3].map((tab) => [tab, GREEN])));
  expect(drawing).toBe(3);
});

// What is on the button, though the browser wipes it whenever a tab's page changes.

import { expect, test } from 'vitest';
import { badgeLook, createBadges, type Badges } from '../../../background/badges.ts';
import type { TabStatus } from '../../../src/core/state/tab-status.ts';
import type { Badge } from '../../../src/ports/host.ts';
import { englishWords } from '../../support/english.ts';

const GREEN: TabStatus = { is: 'private' };
const OFF: TabStatus = { is: 'off' };
const TAB = 1;

/** Badges on a browser where something may happen while it draws. */
function setUp(whileDrawing: (badges: Badges) => void = () => undefined): { badges: Badges; drawn: string[] } {
  const drawn: string[] = [];
  const show: Badge['show'] = async (tab, { text }) => {
    drawn.push(`${tab} ${text}`);
    whileDrawing(badges);
  };
  const badges: Badges = createBadges({ show }, englishWords);
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
  const show = async (): Promise<void> => {
    if (++drawing === 3) resolve(undefined);
    await all;
  };
  const badges = createBadges({ show }, englishWords);
  await badges.show(new Map([1, 2, 3].map((tab) => [tab, GREEN])));
  expect(drawing).toBe(3);
});

test('says in the title what the badge says in a colour', () => {
  const titles = (['off', 'connecting', 'private'] as const).map((is) => badgeLook({ is }, englishWords).title);
  titles.push(badgeLook({ is: 'blocked', why: 'offline', name: undefined }, englishWords).title);
  expect(new Set(titles).size).toBe(titles.length);
  expect(titles[2]).toBe('CONET: this tab is private');
});

// Attacks on an entry and its exit, some seconds of each: both live on, hold no more memory than their limits say, and serve somebody else meanwhile. How fast, is what `npm run attacks` measures.
// Not in `npm test`: it was never seen green (attackers share this process' event loop, and tunnels of one prefix starve others).

import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ATTACKS } from '../attacks/all.ts';
import { openScene, type Scene } from '../attacks/scene.ts';
import { useFor } from '../attacks/victims.ts';

/** What a relay may take more than it had, bytes, in one second of an attack: windows and hellos within their limits, and garbage that was not collected yet. */
const MORE_BYTES = 250e6;
const HEAD_START_MS = 500;
const ATTACK_MS = 700;

let scene: Scene;
beforeAll(async () => {
  scene = await openScene();
  await useFor(scene.circuit, scene.target.authority, 300);
});
afterAll(() => scene.close());

test.each(Object.entries(ATTACKS))('%s harm nobody else', async (_, attack) => {
  const before = await scene.look();
  const stop = new AbortController();
  const attacking = attack(scene.target, stop.signal);
  // So that it is under way: the first of its connections are there.
  await delay(HEAD_START_MS);
  const { failures } = await useFor(scene.circuit, scene.target.authority, ATTACK_MS);
  const during = await scene.look();
  stop.abort();
  await attacking;
  expect(failures).toEqual([]);
  during.forEach(({ rss }, index) => expect(rss - before[index]!.rss).toBeLessThan(MORE_BYTES));
});

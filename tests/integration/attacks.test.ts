// Attacks on an entry and its exit, a moment of each by a process of its own: both live on, hold no more memory than their limits say, and serve others meanwhile. How fast, is what `npm run attacks` measures.

import { afterAll, beforeAll, expect, test } from 'vitest';
import { ATTACKS } from '../attacks/all.ts';
import { dialExit } from '../attacks/open.ts';
import { measure } from '../attacks/run.ts';
import { openScene, type Scene } from '../attacks/scene.ts';
import { useFor } from '../attacks/victims.ts';
import { readMetrics } from '../soak/samples.ts';
import { headerBomb, PREFACE, readGoodbye } from '../support/exit-frames.ts';

/** What a relay may take more than it had, bytes, in a moment of an attack: windows and hellos within their limits, and garbage that was not collected yet. */
const MORE_BYTES = 250e6;
const IS_LONG = process.env['CONET_LONG'] !== undefined;
const MS = IS_LONG ? 3_000 : 300;
/** One of a kind; all of them in the long form. */
const OF_A_KIND = [
  ...['slow hellos of 250 addresses', 'tunnels of one prefix', 'garbage on both ports'],
  ...['rapid reset', 'header bombs', 'downloads that nobody reads'],
];

let scene: Scene;
beforeAll(async () => {
  scene = await openScene();
  await useFor(scene.circuit, scene.target.authority, 300);
});
afterAll(() => scene.close());

test('of a session that begins with thirteen header bombs at once few are taken apart, and the operator sees that it was ended', async () => {
  const floods = async (): Promise<number> => (await readMetrics(scene.circuit.exit)).get('exit_floods_total') ?? NaN;
  const before = await floods();
  const tls = (await dialExit(scene.target, 'h2'))!;
  let came = Buffer.alloc(0);
  tls.on('data', (bytes: Buffer) => (came = Buffer.concat([came, bytes])));
  const bombs = Array.from({ length: 13 }, (_, index) => headerBomb(2 * index + 1));
  tls.write(Buffer.concat([PREFACE, ...bombs]));
  await expect.poll(() => readGoodbye(came)).toBeDefined();
  tls.destroy();
  // Streams 1, 3, 5 and 7: the second is one too many, and what came until that was seen.
  expect(readGoodbye(came)?.last).toBeLessThanOrEqual(7);
  expect(await floods()).toBe(before + 1);
});

test.each(IS_LONG ? Object.keys(ATTACKS) : OF_A_KIND)('%s harm nobody else', async (name) => {
  const { failures, requests, grew } = await measure(scene, name, { ms: MS, rounds: 1, calm: false });
  expect(failures).toEqual([]);
  expect(requests.during).toBeGreaterThan(0);
  for (const bytes of grew) expect(bytes).toBeLessThan(MORE_BYTES);
});

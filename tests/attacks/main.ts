// `npm run attacks -- [--seconds 5] [--rounds 2] [--only WORDS]`: every attack on an entry and its exit, and what it does to a small request of somebody else. Writes artifacts/attacks.json; ends with 1
// where the p99 is more than twice of what it is without the attack, or a request failed.

import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { ATTACKS } from './all.ts';
import { measure, type Measured } from './run.ts';
import { openScene } from './scene.ts';

const { values } = parseArgs({
  options: { seconds: { type: 'string' }, rounds: { type: 'string' }, only: { type: 'string' } },
});
const ms = Number(values.seconds ?? 5) * 1000;
const rounds = Number(values.rounds ?? 2);
const names = Object.keys(ATTACKS).filter((name) => name.includes(values.only ?? ''));
const MOST_TIMES = 2;

const scene = await openScene();
const all: Measured[] = [];
let faults = 0;
try {
  console.log(
    '| attack | p50 without, ms | p50 | p99 without | p99 | times | failed | CPU entry | CPU exit | MB entry | MB exit |',
  );
  console.log('|---|---|---|---|---|---|---|---|---|---|---|');
  for (const name of names) {
    const one = await measure(scene, name, { ms, rounds, calm: true });
    all.push(one);
    const times = one.p99.during / one.p99.without;
    if (!(times <= MOST_TIMES) || one.failures.length > 0) faults += 1;
    const cells = [one.p50.without, one.p50.during, one.p99.without, one.p99.during].map((value) => value.toFixed(0));
    const rest = [times.toFixed(1), one.failures.length, ...one.cpu.map((value) => value.toFixed(2))];
    const memory = one.rss.map((value) => (value / 1e6).toFixed(0));
    console.log(`| ${[name, ...cells, ...rest, ...memory].join(' | ')} |`);
    for (const text of new Set(one.failures)) console.log(`  failed: ${text}`);
  }
} finally {
  await scene.close();
}
const folder = join(import.meta.dirname, '../../artifacts');
await mkdir(folder, { recursive: true });
await writeFile(join(folder, 'attacks.json'), `${JSON.stringify(all, null, 1)}\n`);
console.log(`${faults} of ${names.length} attacks harm others more than they may; artifacts/attacks.json`);
process.exit(faults > 0 ? 1 : 0);

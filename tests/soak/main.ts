// `npm run soak -- [--minutes 30] [--seed N]`: mixed load through real relays with restarts. Writes artifacts/soak.json and artifacts/soak.svg; ends with 1 where something did not hold.

import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { plotSoak } from './plot.ts';
import { soak } from './run.ts';

const { values } = parseArgs({ options: { seed: { type: 'string' }, minutes: { type: 'string' } } });
const seed = Number(values.seed ?? Math.floor(Math.random() * 2 ** 31));
const minutes = Number(values.minutes ?? 30);
if (!Number.isSafeInteger(seed) || !(minutes > 0)) {
  console.error('--seed is a whole number, --minutes a number above 0');
  process.exit(2);
}
const folder = join(import.meta.dirname, '../../artifacts');

console.log(`seed ${seed}, ${minutes} minutes`);
const result = await soak({ seed, ms: minutes * 60_000, say: (line) => console.log(line) });
await mkdir(folder, { recursive: true });
await writeFile(join(folder, 'soak.json'), `${JSON.stringify(result, null, 1)}\n`);
await writeFile(join(folder, 'soak.svg'), plotSoak(result.samples));

console.log(
  `\n${(result.bytes / 1e9).toFixed(2)} GB, ${result.restarts.length} restarts (${result.restarts.join(', ')})`,
);
for (const [kind, counts] of Object.entries(result.operations))
  console.log(`  ${kind}: ${counts.whole} whole, ${counts.broken} broken off, ${counts.wrong} wrong`);
for (const { relay, what, second, last, percent } of result.growth)
  console.log(`  ${relay}: ${what} ${Math.round(second)} -> ${Math.round(last)} (${percent.toFixed(1)} %)`);
for (const { relay, tunnels, connections, descriptors } of result.after)
  console.log(`  ${relay} after the end: ${tunnels} tunnels, ${connections} connections, ${descriptors} descriptors`);
for (const fault of result.faults) console.log(`FAULT ${fault}`);
console.log(`seed ${seed}: ${result.faults.length} faults; artifacts/soak.json, artifacts/soak.svg`);
process.exit(result.faults.length > 0 ? 1 : 0);

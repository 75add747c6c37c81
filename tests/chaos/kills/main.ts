// `npm run kills -- [--seed N] [--count N]`: kill -9 of entry, exit, payer and chain at random points of opening, paying, topping up and closing, and what each side
// lost by it. Prints the seed first; ends with 1 where a rule did not hold.

import { parseArgs } from 'node:util';
import { runKills } from './run.ts';

const { values } = parseArgs({ options: { seed: { type: 'string' }, count: { type: 'string' } } });
const seed = Number(values.seed ?? Math.floor(Math.random() * 2 ** 31));
const count = Number(values.count ?? 500);
if (!Number.isSafeInteger(seed) || !Number.isSafeInteger(count) || count < 1) {
  console.error('--seed and --count are whole numbers');
  process.exit(2);
}

console.log(`seed ${seed}, ${count} kills`);
const start = performance.now();
let isStopped = false;
// What was seen until then is told.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => (isStopped = true));
const outcome = await runKills({ seed, count, say: (line) => console.log(line), stopped: () => isStopped });
const { kills, hits, by, figures, bytes, faults, worlds, linksEnded } = outcome;
const minutes = (performance.now() - start) / 60_000;

console.log(
  `\n${kills} kills in ${minutes.toFixed(1)} minutes, ${hits} of them inside of a step; ${(bytes / 1e9).toFixed(1)} GB carried in ${worlds} worlds, of which ${linksEnded} ended when their relays’ counts were an increment apart`,
);
for (const key of Object.keys(by).sort()) console.log(`  ${key}: ${by[key] ?? 0}`);
console.log('worst losses, in increments of the channel:');
const lines: [string, number][] = [
  ['the payer, by one kill', figures.payerOfOneKill],
  ['the payer, in all the life of a channel', figures.payer],
  ['the entry', figures.relay],
  ['the entry as its exit’s payer, in all the life of their channel', figures.entryAsPayer],
  ['the exit', figures.exit],
  ['signed ahead of what was carried', figures.ahead],
];
for (const [what, worst] of lines) console.log(`  ${what}: ${worst.toFixed(3)}`);
for (const fault of faults) console.log(`\nFAULT ${fault}`);
console.log(`seed ${seed}: ${kills} of ${count} kills, ${faults.length} faults`);
process.exit(faults.length > 0 || kills < count ? 1 : 0);

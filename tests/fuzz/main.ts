// `npm run fuzz -- [--inputs 1000000] [--seed N] [--only WORDS] [--decoders N]`: what nobody should send, at every port and protocol of relays, and then at their decoders in this process. Prints the seed first; writes
// artifacts/fuzz.json; ends with 1 where a relay died, kept memory, failed without a name, or others were harmed.

import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { fuzzDecoders } from './decoders.ts';
import { fuzz } from './run.ts';

const { values } = parseArgs({
  options: {
    ...{ inputs: { type: 'string' }, seed: { type: 'string' } },
    ...{ only: { type: 'string' }, decoders: { type: 'string' } },
  },
});
const seed = Number(values.seed ?? Math.floor(Math.random() * 2 ** 31));
const inputs = Number(values.inputs ?? 1_000_000);
const decoded = Number(values.decoders ?? inputs);
if (![seed, inputs, decoded].every(Number.isSafeInteger) || inputs < 1) {
  console.error('--seed, --inputs and --decoders are whole numbers');
  process.exit(2);
}

/** In each turn valid traffic for so long, so that what else the machine does is in both. */
const ALONE_MS = 5_000;
const VALID_MS = 10_000;
const INPUTS_OF_A_TURN = 50_000;
const MB = 1e6;

console.log(`seed ${seed}, ${inputs} inputs over sockets, ${decoded} to decoders`);
const turns = Math.max(1, Math.round(inputs / INPUTS_OF_A_TURN));
// What was sent until then is judged and told.
let isStopped = false;
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => (isStopped = true));
const only = values.only === undefined ? {} : { only: values.only };
const result = await fuzz({
  seed,
  inputs,
  turns,
  aloneMs: ALONE_MS,
  validMs: VALID_MS,
  isPatient: true,
  ...only,
  stopped: () => isStopped,
  say: (line) => console.log(line),
});
const decoders = await fuzzDecoders(seed, decoded);
const faults = [...result.faults, ...decoders.faults];

const folder = join(import.meta.dirname, '../../artifacts');
await mkdir(folder, { recursive: true });
await writeFile(join(folder, 'fuzz.json'), `${JSON.stringify({ ...result, decoders }, null, 1)}\n`);

console.log('\n| surface | inputs | rounds broken off | answers |\n|---|---|---|---|');
for (const { surface, sent, broken, answered } of result.done) {
  const words = Object.entries(answered).sort(([, one], [, other]) => other - one);
  console.log(`| ${surface} | ${sent} | ${broken} | ${words.map(([word, count]) => `${word}: ${count}`).join(', ')} |`);
}
const sent = result.done.reduce((sum, one) => sum + one.sent, 0);
console.log(
  `\n${sent} inputs over sockets in ${(result.ms / 60_000).toFixed(1)} minutes (${Math.round((sent / result.ms) * 1000)} a second)`,
);
console.log(`valid traffic beside: ${result.valid.inputs} in ${(result.valid.ms / 60_000).toFixed(1)} minutes`);
for (const { relay, rss, descriptors } of result.before) {
  const [most, after] = [result.most, result.after].map((list) => list.find((one) => one.relay === relay));
  const memory = [rss, most?.rss ?? NaN, after?.rss ?? NaN].map((bytes) => (bytes / MB).toFixed(0)).join(', ');
  console.log(
    `${relay}: ${memory} MB before, at most, after; descriptors ${descriptors}, ${most?.descriptors}, ${after?.descriptors}`,
  );
}
for (const [name, { alone, valid, fuzzed }] of Object.entries({ p50: result.p50, p99: result.p99 }))
  console.log(
    `others, ${name}: ${alone.toFixed(1)} ms alone, ${valid.toFixed(1)} beside valid traffic, ${fuzzed.toFixed(1)} beside the fuzzing (${(fuzzed / valid).toFixed(2)} times)`,
  );
console.log(`${decoders.inputs} inputs to decoders in this process in ${(decoders.ms / 1000).toFixed(0)} s`);
for (const [name, count] of Object.entries(result.own)) console.log(`the fuzzer's own: ${name}: ${count}`);
for (const fault of faults) console.log(`FAULT ${fault}`);
console.log(`seed ${seed}: ${faults.length} faults; artifacts/fuzz.json`);
process.exit(faults.length > 0 ? 1 : 0);
